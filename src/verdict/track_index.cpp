#include "xprober/verdict/track_index.hpp"

namespace xprober {

void track_index::clear() {
  sources_.clear();
  targets_.clear();
  other_names_.clear();
}

void track_index::add(const incident_track& track) {
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
  return common;
}

} // namespace xprober
