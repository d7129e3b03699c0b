#include "xprober/verdict/track_index.hpp"

#include <algorithm>

namespace xprober {

namespace {

/// Both are in order. Where one is much shorter its keys are looked up in the other.
std::size_t count_shared(const name_keys& a, const name_keys& b) {
  const auto& few = a.size() < b.size() ? a : b;
  const auto& many = a.size() < b.size() ? b : a;
  const bool look_up = few.size() * 16 < many.size();
  std::size_t shared = 0;
  auto at = many.begin();
  for (const auto key : few) {
    at = look_up
             ? std::lower_bound(at, many.end(), key)
             : std::find_if(at, many.end(), [key](std::uint64_t other) { return other >= key; });
    if (at == many.end()) {
      break;
    }
    shared += *at == key ? 1U : 0U;
  }
  return shared;
}

name_overlap overlap(const finding& found, const incident_track& track) {
  name_overlap common;
  common.sources = count_shared(found.sources, track.sources);
  common.targets = count_shared(found.targets, track.targets);
  common.also = count_shared(found.also, track.sources) + count_shared(found.also, track.targets);
  common.former = count_shared(found.former, track.sources);
  if (found.pairs()) {
    common.ends = count_shared(found.sources, track.also) + count_shared(found.targets, track.also);
  }
  return common;
}

} // namespace

void track_index::clear() {
  wide_.clear();
  sources_.clear();
  targets_.clear();
  other_names_.clear();
}

void track_index::add(const incident_track& track) {
  if (track.members() + track.also.size() >= wide) {
    wide_.push_back(&track);
    return;
  }
  const auto add_keys = [&](ids_by_key& to, const name_keys& keys) {
    to.reserve(to.size() + keys.size());
    for (const auto key : keys) {
      to.emplace(key, track.what.id);
    }
  };
  add_keys(sources_, track.sources);
  add_keys(targets_, track.targets);
  add_keys(other_names_, track.also);
}

std::map<std::uint64_t, name_overlap> track_index::overlaps(const finding& found) const {
  std::map<std::uint64_t, name_overlap> common;
  auto at = common.end(); // most names are of the incident that the last one was of
  const auto count = [&](const ids_by_key& ids, const name_keys& keys,
                         std::size_t name_overlap::* of) {
    for (const auto key : keys) {
      const auto [first, last] = ids.equal_range(key);
      for (auto i = first; i != last; ++i) {
        if (at == common.end() || at->first != i->second) {
          at = common.try_emplace(i->second).first;
        }
        ++(at->second.*of);
      }
    }
  };
  count(sources_, found.sources, &name_overlap::sources);
  count(targets_, found.targets, &name_overlap::targets);
  count(sources_, found.also, &name_overlap::also);
  count(targets_, found.also, &name_overlap::also);
  count(sources_, found.former, &name_overlap::former);
  if (found.pairs()) {
    count(other_names_, found.sources, &name_overlap::ends);
    count(other_names_, found.targets, &name_overlap::ends);
  }
  for (const auto* track : wide_) {
    const auto shared = overlap(found, *track);
    if (shared.sources + shared.targets + shared.also + shared.former + shared.ends > 0) {
      common.emplace(track->what.id, shared);
    }
  }
  return common;
}

} // namespace xprober
