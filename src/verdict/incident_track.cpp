#include "xprober/verdict/incident_track.hpp"

#include <algorithm>
#include <utility>

#include "xprober/domain/agent_state.hpp"

namespace xprober {

namespace {

/// A change of less than a tenth is not worth a line.
constexpr std::size_t worth_noting = 10;

int compare_sizes(std::size_t before, std::size_t now) noexcept {
  const auto change = before < now ? now - before : before - now;
  if (change == 0 || change * worth_noting < before) {
    return 0;
  }
  return before < now ? 1 : -1;
}

int compare_extents(const incident_track::extent& before,
                    const incident_track::extent& now) noexcept {
  if (before.pairs != now.pairs) {
    return before.pairs ? 1 : -1;
  }
  const auto members = compare_sizes(before.members, now.members);
  return members != 0 ? members : compare_sizes(before.affected, now.affected);
}

void add_keys(name_keys& to, const name_keys& more) {
  const auto middle = static_cast<std::ptrdiff_t>(to.size());
  to.insert(to.end(), more.begin(), more.end());
  std::inplace_merge(to.begin(), to.begin() + middle, to.end());
  to.erase(std::unique(to.begin(), to.end()), to.end());
}

name_keys first_keys(const name_keys& all) {
  const auto kept = std::min(all.size(), incident::most_keys);
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept)};
}

void add_side(incident_side& to, const incident_side& more) {
  to.affected = std::max(to.affected, more.affected);
  to.of = std::max(to.of, more.of);
  to.names.insert(to.names.end(), more.names.begin(), more.names.end());
  std::sort(to.names.begin(), to.names.end());
  to.names.erase(std::unique(to.names.begin(), to.names.end()), to.names.end());
  to.names.resize(std::min(to.names.size(), incident_side::most_names));
}

/// An incident keeps the kind of its opening. Where nobody probes any more nothing is known of what
/// has failed: it is not called a prober, but both are said.
std::string summary_of(const finding& lead, const incident& what) {
  const bool begins_elsewhere = lead.type == cause_type::prober &&
                                what.kind != incident_kind::prober && !what.timeline.empty() &&
                                !what.timeline.front().text.empty();
  return begins_elsewhere ? what.timeline.front().text + "; by now " + lead.shown.summary
                          : lead.shown.summary;
}

/// Of a prober whose fault leaves what it measures otherwise as true as ever.
bool spoils_nothing_else(const incident& what) noexcept {
  return what.kind == incident_kind::prober && (what.reason == to_string(prober_trouble::faults) ||
                                                !own_faults::spoil_results(what.reason));
}

/// Where one is such a prober's, and the other is not a prober's and of another kind of probe.
bool are_apart(const incident& a, const incident& b) noexcept {
  return a.kind != b.kind && a.probe_type != b.probe_type &&
         (spoils_nothing_else(a) || spoils_nothing_else(b));
}

void raise(incident_side& side, std::size_t members) {
  side.affected = std::max(side.affected, static_cast<std::uint32_t>(members));
  side.of = std::max(side.of, side.affected);
}

} // namespace

incident_track incident_track::begin(const finding& lead, std::uint64_t id,
                                     const flap_penalty& before, wall_time now) {
  incident_track made;
  made.what = lead.shown;
  made.what.id = id;
  made.what.opened = now;
  made.what.penalty = before;
  made.what.penalty.add_opening(now);
  made.sources = lead.sources;
  made.targets = lead.targets;
  made.also = lead.also;
  raise(made.what.sources, made.sources.size());
  raise(made.what.targets, made.targets.size());
  made.what.source_keys = first_keys(made.sources);
  made.what.target_keys = first_keys(made.targets);
  made.noted = {lead.pairs(), lead.members(),
                std::size_t{made.what.sources.affected} + made.what.targets.affected};
  made.reason_at = now;
  made.happened(incident_event::opened, now, made.what.summary);
  made.settle_flapping(now);
  return made;
}

incident_track incident_track::restored(incident stored) {
  incident_track made;
  made.sources = stored.source_keys;
  made.targets = stored.target_keys;
  const auto members = [](const name_keys& keys, const incident_side& side) {
    return keys.empty() ? 0 : std::max<std::size_t>(keys.size(), side.affected);
  };
  made.noted = {stored.pairs,
                members(made.sources, stored.sources) + members(made.targets, stored.targets),
                std::size_t{stored.sources.affected} + stored.targets.affected};
  made.reason_at = stored.opened;
  made.what = std::move(stored);
  return made;
}

void incident_track::happened(incident_event event, wall_time now, std::string text) {
  events.push_back(event);
  what.note(now, event, std::move(text));
}

/// What fails as a whole takes the place of pairs. Of a path that is a part of it only the side
/// counts that is blamed. True: other members than before.
bool incident_track::take_members(std::span<const finding* const> parts) {
  const bool whole = std::any_of(parts.begin(), parts.end(), [](auto p) { return !p->pairs(); });
  const bool from_pairs = what.pairs && whole;
  what.pairs = what.pairs && !whole;
  const bool of_sources = what.pairs || from_pairs || !sources.empty();
  const bool of_targets = what.pairs || from_pairs || !targets.empty();
  name_keys new_sources;
  name_keys new_targets;
  for (const auto* part : parts) {
    const bool piece = part->pairs() && !what.pairs;
    if (piece && from_pairs) {
      continue;
    }
    if (!piece || of_sources) {
      add_keys(new_sources, part->sources);
    }
    if (!piece || of_targets) {
      add_keys(new_targets, part->targets);
    }
  }
  const auto other_names = also.size();
  for (const auto* part : parts) {
    add_keys(also, part->also);
  }
  if (new_sources == sources && new_targets == targets) {
    return also.size() != other_names;
  }
  sources = std::move(new_sources);
  targets = std::move(new_targets);
  what.source_keys = first_keys(sources);
  what.target_keys = first_keys(targets);
  return true;
}

void incident_track::take_counts(std::span<const finding* const> parts) {
  what.sources = parts.front()->shown.sources;
  what.targets = parts.front()->shown.targets;
  what.ends = parts.front()->shown.ends;
  for (const auto* part : parts.subspan(1)) {
    add_side(what.sources, part->shown.sources);
    add_side(what.targets, part->shown.targets);
  }
  raise(what.sources, sources.size());
  raise(what.targets, targets.size());
}

/// A reason that has just changed may change back: two that take turns are not noted each time.
void incident_track::take_reason(const finding& lead, std::chrono::milliseconds hold,
                                 wall_time now) {
  const auto& shown = lead.shown;
  what.summary = summary_of(lead, what);
  if (shown.reason.empty()) {
    return;
  }
  if (shown.reason != what.reason || shown.phase != what.phase) {
    reason_at = std::min(reason_at, now); // or the clock was set
    if (now - reason_at < hold) {
      return;
    }
    what.reason = shown.reason;
    what.phase = shown.phase;
    reason_at = now;
    happened(incident_event::reason, now, what.reason);
  }
  what.detail = shown.detail;
}

void incident_track::note_extent(wall_time now) {
  const extent reached{what.pairs, sources.size() + targets.size(),
                       std::size_t{what.sources.affected} + what.targets.affected};
  const auto change = compare_extents(noted, reached);
  if (change != 0) {
    happened(change > 0 ? incident_event::grew : incident_event::shrank, now, what.summary);
    noted = reached;
  }
}

void incident_track::settle_flapping(wall_time now) {
  what.penalty.set_clock(now);
  const auto penalty = what.penalty.at(now);
  if (!what.flapping && penalty >= flap_penalty::suppress) {
    what.flapping = true;
    happened(incident_event::flapping, now);
  } else if (what.flapping && penalty < flap_penalty::reuse) {
    what.flapping = false;
    happened(incident_event::calm, now);
  }
}

void incident_track::cover(wall_time now) noexcept {
  covered_since = std::min(covered_since.value_or(now), now); // or the clock was set
}

bool incident_track::is_covered_for(std::chrono::milliseconds time, wall_time now) const noexcept {
  return covered_since && now - *covered_since >= time;
}

bool incident_track::sustain(std::span<const finding* const> parts, const patience& least,
                             wall_time now) {
  bool others = false;
  if (!parts.empty()) {
    if (good_since && now - *good_since >= least.hold) {
      what.penalty.add_opening(now); // it would have closed, were it not flapping
    }
    good_since.reset();
    others = take_members(parts);
    take_counts(parts);
    take_reason(*parts.front(), least.hold, now);
    note_extent(now);
    for (const auto* part : parts) {
      const bool holds = part->whole_run >= least.results || part->type == cause_type::prober;
      if (part->shown.severity > what.severity && holds) {
        what.severity = part->shown.severity;
        happened(incident_event::escalated, now, std::string{to_string(what.severity)});
      }
    }
  } else if (!what.flapping) {
    good_since.reset();
  }
  settle_flapping(now);
  return others;
}

bool incident_track::rest(bool well, std::chrono::milliseconds hold, wall_time now) {
  settle_flapping(now);
  rested_at = now;
  if (!well) {
    good_since.reset();
    return false;
  }
  if (!good_since || now < *good_since) {
    good_since = now;
  }
  if (now - *good_since < hold || what.flapping) {
    return false;
  }
  close(now);
  happened(incident_event::closed, now);
  return true;
}

void incident_track::pause(wall_time now) {
  settle_flapping(now);
  const auto before = std::exchange(rested_at, now);
  if (good_since && before <= now) {
    *good_since = std::min(*good_since + (now - before), now);
  }
}

void incident_track::close(wall_time now) {
  what.closed = now;
  tell = what.told ? std::optional{incident_notice::closed} : std::nullopt;
}

void incident_track::merge_into(incident_track& wider, wall_time now) {
  what.merged_into = wider.what.id;
  close(now);
  happened(incident_event::merged, now, "into " + std::to_string(wider.what.id));
  wider.happened(incident_event::absorbed, now, std::to_string(what.id) + ": " + what.summary);
  if (what.severity > wider.what.severity) { // it lasts, and is as grave as it was
    wider.what.severity = what.severity;
    wider.happened(incident_event::escalated, now, std::string{to_string(what.severity)});
  }
}

std::size_t kinship(const finding& found, const incident_track& track,
                    const name_overlap& common) noexcept {
  if (are_apart(found.shown, track.what)) {
    return 0;
  }
  const bool of_pairs = track.what.pairs;
  const auto kind = track.what.kind;
  const bool of_agents = kind == incident_kind::source || kind == incident_kind::path;
  const auto sources =
      std::min(common.sources + (of_agents ? common.former : 0), found.sources.size());
  if (found.pairs() && of_pairs) {
    return std::min(sources, common.targets);
  }
  if (found.pairs()) {
    const bool part = (sources > 0 && sources == found.sources.size()) ||
                      (common.targets > 0 && common.targets == found.targets.size());
    return part || found.scope == cause_scope::all ? std::max(sources, common.targets)
                                                   : common.also;
  }
  if (of_pairs) {
    const bool explained = (common.sources > 0 && common.sources == track.sources.size()) ||
                           (common.targets > 0 && common.targets == track.targets.size());
    return explained ? std::max(common.sources, common.targets) : 0;
  }
  const bool unreached = found.type != cause_type::prober || found.unreached;
  const bool alike =
      found.type != cause_type::source &&
      (kind == incident_kind::prober || (kind == incident_kind::target && unreached));
  return sources + common.targets + (alike ? common.also : 0);
}

bool has_failed_since_opened(const finding& found, const incident_track& track,
                             std::chrono::milliseconds period, wall_time now) noexcept {
  return found.run >= longest_run || now - found.run * period <= track.what.opened;
}

bool is_news(const finding& found, const incident_track& track, wall_time now) noexcept {
  if (now - track.what.opened <= growth_time) {
    return false;
  }
  const bool whole = track.what.pairs && !found.pairs();
  const bool beyond = track.what.kind == incident_kind::prober && track.targets.empty() &&
                      (found.type == cause_type::target || found.type == cause_type::region);
  return whole || beyond || found.members() > 2 * track.noted.members;
}

} // namespace xprober
