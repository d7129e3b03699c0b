#include "xprober/verdict/incident_book.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "xprober/verdict/certificate_groups.hpp"
#include "xprober/verdict/witness.hpp"

namespace xprober {

namespace {

/// Causes that are named of each kind, for each incident that may be open: the widest come first.
constexpr std::size_t most_named = 4;
/// Of those that may be open one in so many is never a single target or path.
constexpr std::size_t kept_for_wider = 10;

/// From the first of `results` results to the last one.
std::chrono::milliseconds span_of(std::uint32_t results, std::chrono::milliseconds period) {
  return period * (std::max<std::uint32_t>(results, 1) - 1);
}

std::pair<std::string, std::string> key_of(const kind_picture& kind) {
  return {std::string{kind.probe_type}, std::string{kind.view}};
}

/// What fails says what an incident is, before a prober that is silent, and of it what is widest.
void put_lead_first(std::vector<const finding*>& parts) {
  std::ranges::stable_sort(parts, [](const finding* a, const finding* b) {
    const bool of_probers[] = {a->type == cause_type::prober, b->type == cause_type::prober};
    return std::tie(of_probers[0], b->cells) < std::tie(of_probers[1], a->cells);
  });
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
    if (one.merged_into != 0) {
      continue; // as in `finish`: the other one may come again
    }
    if (!one.open()) {
      recent_.keep(std::move(one));
      continue;
    }
    const auto id = one.id;
    tracks_.insert_or_assign(id, incident_track::restored(std::move(one)));
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
    auto& since = prober_since_.try_emplace(key, now).first->second;
    since = std::min(since, now); // or the clock was set
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

void incident_book::index_all() {
  index_.clear();
  for (const auto& [id, track] : tracks_) {
    index_.add(track);
  }
  recent_.for_each([this](const incident_track& track) { index_.add(track); });
  indexed_ = true;
}

/// One target or one path of very many leaves room for what is wider.
std::size_t incident_book::room_for(const finding& lead) const noexcept {
  const bool narrow = lead.scope == cause_scope::one && lead.shown.certificate.empty() &&
                      (lead.type == cause_type::target || lead.type == cause_type::path);
  return settings_.most_open - (narrow ? settings_.most_open / kept_for_wider : 0);
}

std::optional<std::uint64_t> incident_book::begin(const finding& lead, const flap_penalty& before,
                                                  wall_time now) {
  const bool certificate = !lead.shown.certificate.empty();
  const auto alike = std::count_if(tracks_.begin(), tracks_.end(), [&](const auto& track) {
    return track.second.what.certificate.empty() != certificate;
  });
  if (static_cast<std::size_t>(alike) >= room_for(lead)) {
    ++(certificate ? certificates_left_out_ : left_out_);
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
  index_.add(made);
  return id;
}

std::optional<incident_book::owner>
incident_book::remains_of(const finding& found, const std::map<std::uint64_t, name_overlap>& met,
                          std::chrono::milliseconds period, const look& at, wall_time now) const {
  for (const auto& [id, names] : met) {
    const auto track = tracks_.find(id);
    if (track != tracks_.end() && names.ends > 0 &&
        (!at.met.contains(id) || has_failed_since_opened(found, track->second, period, now))) {
      return owner{id, names.ends, false};
    }
  }
  return std::nullopt;
}

/// Which open incidents a cause blames the same as, and which of them it is: of those for which it
/// is no news the one with the most in common, then what fails before a prober, then the one that
/// blames the least beside, then the oldest. All others it covers.
incident_book::meeting incident_book::meet(const finding& found,
                                           const std::map<std::uint64_t, name_overlap>& common,
                                           bool ripe, look& at, wall_time now) {
  meeting made;
  std::size_t size = 0;   // of the best
  bool of_prober = false; // the best is
  for (const auto& [id, names] : common) {
    const auto track = tracks_.find(id);
    const auto shared = track == tracks_.end() ? 0 : kinship(found, track->second, names);
    if (shared == 0) {
      continue;
    }
    made.met.push_back({id, shared, is_news(found, track->second, now)});
    if (ripe && made.met.back().news) {
      continue;
    }
    const auto members = track->second.members();
    const bool prober = track->second.what.kind == incident_kind::prober;
    if (!made.best || shared > made.best->shared ||
        (shared == made.best->shared && std::tie(prober, members) < std::tie(of_prober, size))) {
      made.best = made.met.back();
      size = members;
      of_prober = prober;
    }
  }
  for (const auto& other : made.met) {
    if (!made.best || other.id != made.best->id || other.news) {
      tracks_.at(other.id).cover(now);
      at.covered.insert(other.id);
    }
  }
  return made;
}

/// True for news of what is open that has not held for as long as the results of an opening take:
/// what makes it ripe may be what is open already.
bool incident_book::may_pass(const meeting& with, std::chrono::milliseconds hold,
                             wall_time now) const {
  return !with.best && !with.met.empty() && std::ranges::none_of(with.met, [&](const owner& other) {
    return tracks_.at(other.id).is_covered_for(hold, now);
  });
}

/// Finds the incident that a cause belongs to, or opens one. What may be another cause in a moment
/// only keeps open what it meets.
void incident_book::place(const finding& found, const kind_picture& kind, look& at, wall_time now) {
  const bool ripe = is_ripe(found, kind.period, now);
  const auto common = index_.overlaps(found);
  auto with = meet(found, common, ripe, at, now);
  if (with.met.empty() && found.pairs() && !common.empty()) {
    if (!at.all_others) {
      at.paths.emplace_back(&found, &kind);
      return;
    }
    with.best = remains_of(found, common, kind.period, at, now);
    with.met.insert(with.met.end(), with.best ? 1 : 0, with.best.value_or(owner{}));
  }
  const bool unsettled =
      ripe && found.unsettled &&
      (settling_.waits(found, settings_.results, kind.period, now) || found.of_before);
  if (unsettled || (ripe && may_pass(with, span_of(settings_.results, kind.period), now))) {
    for (const auto& other : with.met) {
      at.met.insert(other.id);
    }
    return;
  }
  auto id = with.best ? std::optional{with.best->id} : std::nullopt;
  if (!id && ripe) {
    id = begin(found, recent_.penalty_left(found, common, now), now);
  }
  if (!id) {
    return;
  }
  at.met.insert(*id);
  if (!ripe) {
    return;
  }
  at.parts[*id].push_back(&found);
  const bool settled = !found.unsettled && !found.partly_of_before;
  for (const auto& other : with.met) {
    auto& by = at.explained[other.id];
    if (other.id != *id && other.shared > by.shared) {
      by = {*id, other.shared, settled};
    }
  }
}

void incident_book::live_on(look& at, std::span<const kind_picture> kinds, wall_time now) {
  for (auto& [id, track] : tracks_) {
    if (!track.what.certificate.empty()) {
      continue;
    }
    if (!at.covered.contains(id)) {
      track.covered_since.reset();
    }
    const auto hold = span_of(settings_.results, period_of(track.what.probe_type, kinds));
    if (at.met.contains(id)) {
      auto& parts = at.parts[id];
      put_lead_first(parts);
      const bool others = track.sustain(parts, {settings_.results, hold}, now);
      indexed_ = indexed_ && !others;
      continue;
    }
    const auto explained = at.explained.find(id);
    if (explained != at.explained.end() && explained->second.shared * 2 >= track.members()) {
      if (explained->second.settled && track.is_covered_for(hold, now)) {
        track.merge_into(tracks_.at(explained->second.by), now);
      } else {
        track.sustain({}, {settings_.results, hold}, now);
      }
      continue;
    }
    const bool well = is_well(track, kinds);
    if (well && awaits_backlog(track, kinds)) {
      track.pause(now);
    } else {
      track.rest(well, hold, now);
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
      recent_.keep(std::move(track.what));
    }
    i = tracks_.erase(i);
    indexed_ = false;
  }
  if (recent_.forget(now) || !indexed_) {
    index_all();
  }
  return changes;
}

std::vector<incident_change> incident_book::observe(std::span<const kind_picture> kinds,
                                                    std::span<const mute> mutes, wall_time now) {
  name_kinds(kinds);
  left_out_ = 0;
  for (const auto& [key, named] : kinds_) {
    left_out_ += named.unnamed;
  }
  look at;
  for (const bool of_probers : {false, true}) { // what fails opens what is silent, too
    for (const auto& kind : kinds) {
      for (const auto& found : kinds_.find(key_of(kind))->second.found) {
        if ((found.type == cause_type::prober) == of_probers) {
          place(found, kind, at, now);
        }
      }
    }
  }
  at.all_others = true;
  for (const auto& [found, kind] : at.paths) {
    place(*found, *kind, at, now);
  }
  forget_calm_probers(kinds);
  settling_.end_look(now);
  live_on(at, kinds, now);
  return finish(false, mutes, now);
}

std::vector<incident_change>
incident_book::observe_certificates(std::span<const certificate_sighting> seen,
                                    const std::function<bool(std::string_view target)>& wanted,
                                    std::span<const mute> mutes, wall_time now) {
  certificates_left_out_ = 0;
  certificate_groups groups{seen, now};
  const auto for_each = [this](auto&& what) {
    for (auto& [id, track] : tracks_) {
      if (!track.what.certificate.empty()) {
        what(id, track);
      }
    }
  };
  for_each([&](auto id, const incident_track& track) { groups.claim(id, track); });
  groups.join();
  for_each([&](auto id, incident_track& track) {
    if (const auto found = groups.of(id, track, wanted)) {
      const finding* parts[] = {&*found};
      const bool others = track.sustain(parts, {0, {}}, now);
      indexed_ = indexed_ && !others;
    } else {
      track.rest(groups.is_over(track, wanted), certificate_hold, now);
    }
  });
  for (const auto& found : groups.others()) {
    begin(found, recent_.penalty_left(found, index_.overlaps(found), now), now);
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

bool incident_book::fits(const incident_filter& wanted, const incident& stored) const {
  const auto track = tracks_.find(stored.id);
  return track == tracks_.end()
             ? wanted.fits(stored)
             : wanted.fits(track->second.what, track->second.sources, track->second.targets);
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
