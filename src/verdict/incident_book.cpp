#include "xprober/verdict/incident_book.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "xprober/domain/string_hash.hpp"
#include "xprober/verdict/witness.hpp"

namespace xprober {

namespace {

constexpr std::size_t most_recent = 1000;
/// Causes that are named of each kind, for each incident that may be open: the widest come first.
constexpr std::size_t most_named = 4;

/// From the first of `results` results to the last one.
std::chrono::milliseconds span_of(std::uint32_t results, std::chrono::milliseconds period) {
  return period * (std::max<std::uint32_t>(results, 1) - 1);
}

std::pair<std::string, std::string> key_of(const kind_picture& kind) {
  return {std::string{kind.probe_type}, std::string{kind.view}};
}

/// A kind that is not probed any more has no period: that of the slowest serves.
std::chrono::milliseconds period_of(std::string_view probe_type,
                                    std::span<const kind_picture> kinds) {
  std::chrono::milliseconds longest{0};
  for (const auto& kind : kinds) {
    if (kind.probe_type == probe_type) {
      return kind.period;
    }
    longest = std::max(longest, kind.period);
  }
  return longest;
}

} // namespace

void incident_book::restore(std::vector<incident> stored, std::uint64_t last_id) {
  last_id_ = std::max(last_id_, last_id);
  for (auto& one : stored) {
    last_id_ = std::max(last_id_, one.id);
    const auto id = one.id;
    auto& where = one.open() ? tracks_ : recent_;
    where.insert_or_assign(id, incident_track::restored(std::move(one)));
  }
  index_all();
}

/// What has not changed since the last look is not named again.
void incident_book::name_kinds(std::span<const kind_picture> kinds) {
  std::erase_if(kinds_, [&](const auto& known) {
    return std::none_of(kinds.begin(), kinds.end(),
                        [&](const auto& kind) { return key_of(kind) == known.first; });
  });
  for (const auto& kind : kinds) {
    auto& named = kinds_[key_of(kind)];
    if (named.revision == kind.all->revision() && named.words == kind.words) {
      continue;
    }
    named.found.clear();
    const auto& causes = kind.found->causes;
    const auto wanted = std::min(causes.size(), most_named * settings_.most_open);
    for (std::size_t i = 0; i < wanted; ++i) {
      named.found.push_back(name_cause(causes[i], *kind.all, *kind.names, kind.probe_type));
    }
    named.unnamed = causes.size() - wanted;
    named.revision = kind.all->revision();
    named.words = kind.words;
  }
}

bool incident_book::is_ripe(const finding& found, std::chrono::milliseconds period, wall_time now) {
  if (found.type != cause_type::prober) {
    return found.run >= settings_.results;
  }
  std::size_t ripe = 0;
  for (const auto key : found.sources) {
    const auto since = prober_since_.try_emplace(key, now).first->second;
    ripe += now - since >= span_of(settings_.results, period) ? 1 : 0;
  }
  return ripe * 2 >= found.sources.size();
}

void incident_book::forget_calm_probers(std::span<const kind_picture> kinds) {
  std::unordered_set<std::uint64_t> there;
  for (const auto& kind : kinds) {
    for (const auto& found : kinds_.find(key_of(kind))->second.found) {
      if (found.type == cause_type::prober) {
        there.insert(found.sources.begin(), found.sources.end());
      }
    }
  }
  std::erase_if(prober_since_, [&](const auto& known) { return !there.contains(known.first); });
}

void incident_book::index(const incident_track& track) {
  by_key_[0].reserve(by_key_[0].size() + track.sources.size());
  by_key_[1].reserve(by_key_[1].size() + track.targets.size());
  for (const auto key : track.sources) {
    by_key_[0].emplace(key, track.what.id);
  }
  for (const auto key : track.targets) {
    by_key_[1].emplace(key, track.what.id);
  }
  for (const auto key : track.also) {
    by_other_name_.emplace(key, track.what.id);
  }
}

void incident_book::index_all() {
  for (auto& side : by_key_) {
    side.clear();
  }
  by_other_name_.clear();
  for (const auto* all : {&tracks_, &recent_}) {
    for (const auto& [id, track] : *all) {
      index(track);
    }
  }
  indexed_ = true;
}

std::map<std::uint64_t, name_overlap> incident_book::overlaps(const finding& found) const {
  std::map<std::uint64_t, name_overlap> common;
  auto at = common.end(); // most names are of the incident that the last one was of
  const auto count = [&](const auto& by_key, const name_keys& keys,
                         std::size_t name_overlap::* of) {
    for (const auto key : keys) {
      const auto [first, last] = by_key.equal_range(key);
      for (auto i = first; i != last; ++i) {
        if (at == common.end() || at->first != i->second) {
          at = common.try_emplace(i->second).first;
        }
        ++(at->second.*of);
      }
    }
  };
  count(by_key_[0], found.sources, &name_overlap::sources);
  count(by_key_[1], found.targets, &name_overlap::targets);
  count(by_key_[0], found.also, &name_overlap::also);
  count(by_key_[1], found.also, &name_overlap::also);
  if (found.pairs()) {
    count(by_other_name_, found.sources, &name_overlap::ends);
    count(by_other_name_, found.targets, &name_overlap::ends);
  }
  return common;
}

flap_penalty incident_book::penalty_left(const finding& lead,
                                         const std::map<std::uint64_t, name_overlap>& met,
                                         wall_time now) {
  flap_penalty left;
  for (const auto& [id, common] : met) {
    const auto before = recent_.find(id);
    if (before == recent_.end()) {
      continue;
    }
    const auto shared = kinship(lead, before->second, common);
    const auto members = std::min(lead.members(), before->second.noted.members);
    const auto& penalty = before->second.what.penalty;
    if (shared > 0 && shared * 2 >= members && penalty.at(now) > left.at(now)) {
      left = penalty;
    }
  }
  return left;
}

std::optional<std::uint64_t> incident_book::begin(const finding& lead, const flap_penalty& before,
                                                  wall_time now) {
  const bool certificate = !lead.shown.certificate.empty();
  const auto alike = std::count_if(tracks_.begin(), tracks_.end(), [&](const auto& track) {
    return track.second.what.certificate.empty() != certificate;
  });
  if (static_cast<std::size_t>(alike) >= settings_.most_open) {
    ++left_out_;
    return std::nullopt;
  }
  const auto id = ++last_id_;
  auto& made = tracks_.emplace(id, incident_track::begin(lead, id, before, now)).first->second;
  for (const auto& label : settings_.labels) {
    if (std::none_of(made.what.labels.begin(), made.what.labels.end(),
                     [&](const auto& own) { return own.first == label.first; })) {
      made.what.labels.push_back(label);
    }
  }
  index(made);
  return id;
}

std::optional<incident_book::owner>
incident_book::remains_of(const finding& found, const std::map<std::uint64_t, name_overlap>& met,
                          std::chrono::milliseconds period, const look& at, wall_time now) const {
  for (const auto& [id, names] : met) {
    const auto track = tracks_.find(id);
    if (track != tracks_.end() && names.ends > 0 &&
        (!at.met.contains(id) || has_failed_since_opened(found, track->second, period, now))) {
      return owner{id, names.ends};
    }
  }
  return std::nullopt;
}

/// Grows and shrinks with what is delivered, so it is known by each of its names. A part of them
/// does for the largest, as it does for the file. What was once found to have failed for long stays
/// so: its run is counted no further than `longest_run`.
bool incident_book::awaits_others(const finding& found, std::chrono::milliseconds period,
                                  wall_time now) {
  const auto least = std::int64_t{settings_.results} + 1;
  bool waits = true;
  for (const auto* keys : {&found.sources, &found.targets}) {
    const auto known = std::min(keys->size(), incident::most_keys);
    for (std::size_t i = 0; i < known; ++i) {
      auto& one =
          waiting_.try_emplace((*keys)[i], waiting{now, now, found.run <= least}).first->second;
      one.since = std::min(one.since, now);
      one.met = now;
      const auto made = (now - one.since) / std::max(period, std::chrono::milliseconds{1});
      one.fresh = one.fresh && found.run <= least + made;
      waits = waits && !(one.fresh && now - one.since >= fresh_patience);
    }
  }
  return waits;
}

/// Finds the incident that a cause belongs to, or opens one. What may be another cause in a moment
/// only keeps open what it meets.
void incident_book::place(const finding& found, const kind_picture& kind, look& at, wall_time now) {
  const bool ripe = is_ripe(found, kind.period, now);
  const auto common = overlaps(found);
  std::vector<owner> met;
  std::optional<owner> best;
  for (const auto& [id, names] : common) {
    const auto track = tracks_.find(id);
    const auto shared = track == tracks_.end() ? 0 : kinship(found, track->second, names);
    if (shared == 0) {
      continue;
    }
    met.push_back({id, shared});
    if (!(ripe && is_news(found, track->second, now)) && (!best || shared > best->shared)) {
      best = met.back();
    }
  }
  if (met.empty() && found.pairs() && !common.empty()) {
    if (!at.all_others) {
      at.paths.emplace_back(&found, &kind);
      return;
    }
    best = remains_of(found, common, kind.period, at, now);
    met.insert(met.end(), best ? 1 : 0, best.value_or(owner{}));
  }
  if (ripe && found.unsettled && (awaits_others(found, kind.period, now) || found.of_before)) {
    for (const auto& other : met) {
      at.met.insert(other.id);
    }
    return;
  }
  auto id = best ? std::optional{best->id} : std::nullopt;
  if (!id && ripe) {
    id = begin(found, penalty_left(found, common, now), now);
  }
  if (!id) {
    return;
  }
  at.met.insert(*id);
  if (!ripe) {
    return;
  }
  at.parts[*id].push_back(&found);
  for (const auto& other : met) {
    auto& by = at.explained[other.id];
    if (other.id != *id && other.shared > by.shared) {
      by = {*id, other.shared};
    }
  }
}

void incident_book::live_on(look& at, std::span<const kind_picture> kinds, wall_time now) {
  for (auto& [id, track] : tracks_) {
    if (!track.what.certificate.empty()) {
      continue;
    }
    const auto hold = span_of(settings_.results, period_of(track.what.probe_type, kinds));
    if (at.met.contains(id)) {
      const auto parts = at.parts.find(id);
      const bool others =
          track.sustain(parts == at.parts.end() ? std::span<const finding* const>{}
                                                : std::span<const finding* const>{parts->second},
                        hold, now);
      indexed_ = indexed_ && !others;
      continue;
    }
    const auto by = at.explained.find(id);
    const auto members = track.sources.size() + track.targets.size();
    if (by != at.explained.end() && by->second.shared * 2 >= members) {
      track.merge_into(tracks_.at(by->second.id), now);
    } else {
      const bool well = is_well(track, kinds);
      if (well && awaits_backlog(track, kinds)) {
        track.pause(now);
      } else {
        track.rest(well, hold, now);
      }
    }
  }
}

std::optional<incident_change>
incident_book::change_of(incident_track& track, std::span<const mute> mutes, wall_time now) {
  auto& what = track.what;
  const bool news = !what.told || *what.told < what.severity;
  if (what.open() && news && !is_muted(what, mutes, now)) {
    track.tell = what.told ? incident_notice::escalated : incident_notice::opened;
    what.told = what.severity;
  }
  if (track.events.empty() && !track.tell) {
    return std::nullopt;
  }
  return incident_change{what, std::exchange(track.events, {}), std::exchange(track.tell, {})};
}

std::vector<incident_change> incident_book::finish(bool certificates, std::span<const mute> mutes,
                                                   wall_time now) {
  std::vector<incident_change> changes;
  for (auto i = tracks_.begin(); i != tracks_.end();) {
    auto& track = i->second;
    if (track.what.certificate.empty() == certificates) {
      ++i;
      continue;
    }
    if (auto change = change_of(track, mutes, now)) {
      changes.push_back(std::move(*change));
    }
    if (track.what.open()) {
      ++i;
      continue;
    }
    if (track.what.merged_into == 0) {
      auto closed = incident_track::restored(std::move(track.what));
      recent_.insert_or_assign(i->first, std::move(closed));
    }
    i = tracks_.erase(i);
    indexed_ = false;
  }
  forget_recent(now);
  if (!indexed_) {
    index_all();
  }
  return changes;
}

void incident_book::forget_recent(wall_time now) {
  const auto before = recent_.size();
  std::erase_if(recent_, [&](const auto& track) {
    return track.second.what.penalty.at(now) < flap_penalty::forgotten;
  });
  while (recent_.size() > most_recent) {
    recent_.erase(recent_.begin());
  }
  indexed_ = indexed_ && recent_.size() == before;
}

std::vector<incident_change> incident_book::observe(std::span<const kind_picture> kinds,
                                                    std::span<const mute> mutes, wall_time now) {
  left_out_ = 0;
  name_kinds(kinds);
  look at;
  for (const auto& kind : kinds) {
    const auto& named = kinds_.find(key_of(kind))->second;
    left_out_ += named.unnamed;
    for (const auto& found : named.found) {
      place(found, kind, at, now);
    }
  }
  at.all_others = true;
  for (const auto& [found, kind] : at.paths) {
    place(*found, *kind, at, now);
  }
  forget_calm_probers(kinds);
  std::erase_if(waiting_, [&](const auto& known) { return known.second.met != now; });
  live_on(at, kinds, now);
  return finish(false, mutes, now);
}

std::vector<incident_change>
incident_book::observe_certificates(std::span<const certificate_sighting> seen,
                                    const std::function<bool(std::string_view target)>& wanted,
                                    std::span<const mute> mutes, wall_time now) {
  left_out_ = 0;
  std::map<std::uint64_t, finding> near;
  std::unordered_set<std::uint64_t> known; // targets
  for (const auto& one : seen) {
    known.insert(hash_bytes(one.target));
    if (auto found = certificate_finding(one, now)) {
      const auto key = found->targets.front();
      near.insert_or_assign(key, std::move(*found));
    }
  }
  for (auto& [id, track] : tracks_) {
    if (track.what.certificate.empty()) {
      continue;
    }
    const auto found = near.find(track.targets.front());
    if (found != near.end()) {
      const finding* parts[] = {&found->second};
      track.sustain(parts, {}, now);
      near.erase(found);
      continue;
    }
    const auto& target = track.what.targets.names.front();
    track.rest(known.contains(hash_bytes(target)) || !wanted(target), certificate_hold, now);
  }
  for (const auto& [key, found] : near) {
    begin(found, penalty_left(found, overlaps(found), now), now);
  }
  return finish(true, mutes, now);
}

std::optional<incident_change> incident_book::acknowledge(std::uint64_t id, acknowledgement by) {
  const auto track = tracks_.find(id);
  if (track == tracks_.end()) {
    return std::nullopt;
  }
  const auto now = by.at;
  auto text = by.by + (by.note.empty() ? "" : ": " + by.note);
  track->second.what.acknowledged = std::move(by);
  track->second.happened(incident_event::acknowledged, now, std::move(text));
  return incident_change{track->second.what, std::exchange(track->second.events, {}), {}};
}

const incident* incident_book::find_open(std::uint64_t id) const {
  const auto track = tracks_.find(id);
  return track == tracks_.end() ? nullptr : &track->second.what;
}

std::vector<incident> incident_book::open() const {
  std::vector<incident> all;
  all.reserve(tracks_.size());
  for (const auto& [id, track] : tracks_) {
    all.push_back(track.what);
  }
  return all;
}

} // namespace xprober
