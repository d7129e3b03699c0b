#include "xprober/actors/server/incident_board.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "incident_board_parts.hpp"

namespace xprober {

namespace {

constexpr std::uint16_t last_number = std::numeric_limits<std::uint16_t>::max();
/// Of targets: some 50 ms.
constexpr std::uint32_t regroup_step = 20'000;

cell_counts counts_of(const series_sight& sight) {
  cell_counts counts;
  counts.results = sight.run;
  switch (sight.state) {
  case series_state::never: break;
  case series_state::ok: counts.ok = 1; break;
  case series_state::degraded: counts.degraded = 1; break;
  case series_state::failing: counts.failing = 1; break;
  case series_state::prober_fault: counts.fault = 1; break;
  case series_state::stale: counts.unknown = 1; break;
  }
  return counts;
}

} // namespace

incident_board::incident_board(std::uint32_t parts)
    : parts_(parts), part_complete_(parts), incomplete_(parts), store_agents_(parts),
      agent_names_(std::make_unique<names>(*this, view::agents, nullptr)) {
  regions_.acquire({}); // what is one too many has no name
}

incident_board::~incident_board() = default;

// -- numbers --------------------------------------------------------------------------------------

incident_board::kind_board& incident_board::kind_of(const std::string& name) {
  auto& kind = kinds_[name];
  if (!kind) {
    kind = std::make_unique<kind_board>(*this, name);
  }
  return *kind;
}

/// What is one too many is as the first.
std::uint16_t incident_board::type_number(const series_changes::target_name& target, bool mesh) {
  std::tuple key{std::string{target.uid.type.text()}, target.kind, mesh};
  if (const auto known = type_numbers_.find(key); known != type_numbers_.end()) {
    return known->second;
  }
  if (types_.size() > last_number) {
    return 0;
  }
  const auto number = static_cast<std::uint16_t>(types_.size());
  types_.push_back({target.uid.type, &kind_of(target.kind), mesh});
  type_numbers_.emplace(std::move(key), number);
  return number;
}

// -- targets --------------------------------------------------------------------------------------

/// It has a series in the same message: with the last one it is forgotten.
void incident_board::name_target(std::uint32_t part, const series_changes::target_name& target) {
  const bool mesh =
      target.mesh && target.pair && members_.contains({target.uid.region, target.uid.address});
  auto region = regions_.acquire(target.uid.region);
  if (region > last_number) {
    regions_.release(region);
    region = regions_.acquire({});
  }
  const auto number = target_number(part, target.number);
  targets_.set(number, target.uid.address,
               {static_cast<std::uint16_t>(region), type_number(target, mesh)});
  if (!types_[targets_.of(number).type].mesh) {
    group_target(number);
  }
}

void incident_board::forget_target(std::uint32_t target) {
  const auto of = targets_.of(target);
  const auto& type = types_[of.type];
  if (!type.mesh) {
    const auto groups = type.kind->targets.groups_of(side::target, target);
    groups_.release(groups);
    type.kind->targets.set_groups(target, {});
  }
  regions_.release(of.region);
}

const label_list* incident_board::labels_of(std::uint32_t target) const {
  if (!labels_) {
    return nullptr;
  }
  const auto of = targets_.of(target);
  return labels_->find(
      target_uid{regions_[of.region], targets_.name(target), types_[of.type].prober});
}

void incident_board::group_target(std::uint32_t target) {
  const auto* labels = labels_of(target);
  const auto groups = groups_.acquire(
      targets_.name(target), labels != nullptr ? std::span<const target_groups::label>{*labels}
                                               : std::span<const target_groups::label>{});
  auto& all = types_[targets_.of(target).type].kind->targets;
  const auto known = all.groups_of(side::target, target);
  const std::vector<std::uint32_t> before(known.begin(), known.end());
  all.set_groups(target, groups);
  groups_.release(before);
}

void incident_board::set_labels(target_labels_ptr labels) {
  regrouping_ = regrouping_ || labels_ != labels;
  regrouped_ = 0;
  labels_ = std::move(labels);
}

bool incident_board::regroup_some() {
  for (auto left = regroup_step; regrouping_ && left > 0; --left, ++regrouped_) {
    if (regrouped_ >= targets_.size()) {
      regrouping_ = false;
    } else if (targets_.contains(regrouped_) && !types_[targets_.of(regrouped_).type].mesh) {
      group_target(regrouped_);
    }
  }
  return regrouping_;
}

// -- series ---------------------------------------------------------------------------------------

void incident_board::take(const series_changes& changes) {
  const auto take_series = [&](bool gone) {
    for (const auto& what : changes.series) {
      if ((what.after.state == series_state::never) == gone) {
        change(changes.part, what, changes);
      }
    }
  };
  take_series(true);
  auto& numbers = store_agents_[changes.part];
  for (const auto& named : changes.agents) {
    if (named.number >= numbers.size()) {
      numbers.resize(std::size_t{named.number} + 1, no_number);
    }
    numbers[named.number] = agent_number(named.region, named.address);
  }
  for (const auto& target : changes.targets) {
    name_target(changes.part, target);
  }
  take_series(false);
  if (!changes.more && !part_complete_[changes.part]) {
    part_complete_[changes.part] = true;
    --incomplete_;
  }
  unjudged_ = true;
}

void incident_board::change(std::uint32_t part, const series_change& what,
                            const series_changes& all) {
  const auto source = store_agents_[part][what.agent];
  const auto target = target_number(part, what.target);
  const bool was = what.before.state != series_state::never;
  const bool is = what.after.state != series_state::never;
  if (!was && is) {
    targets_.add_series(target);
    ++agents_[source].series;
  }
  const auto before = counts_of(what.before);
  auto after = counts_of(what.after);
  std::string_view sentence;
  if (what.failure != series_change::no_failure) {
    const auto& failure = all.failures[what.failure];
    after.reason = failures_.reason(failure.reason, failure.phase);
    sentence = failure.detail;
  }
  after.since_s = after.bad() > 0 ? what.since_unix : 0;
  auto& a = agents_[source];
  if (after.known() > 0 && what.last_unix != 0) {
    a.told_unix = std::max(a.told_unix, std::int64_t{what.last_unix});
  }
  a.known += after.known() - std::uint64_t{before.known()};
  a.fault += after.fault - std::uint64_t{before.fault};
  const auto& type = types_[targets_.of(target).type];
  type.kind->count(what.before.state, what.after.state);
  if (type.mesh) {
    change_reach(*type.kind, target, before, after);
    change_pair(*type.kind, a.region_number, targets_.of(target).region, before, after, sentence);
  } else {
    change_target(*type.kind, source, target, before, after, sentence);
  }
  if (was && !is) {
    if (targets_.remove_series(target)) {
      forget_target(target);
    }
    if (--a.series == 0 && !a.there) {
      forget_agent(source);
    }
  }
}

void incident_board::change_target(kind_board& kind, std::uint32_t source, std::uint32_t target,
                                   const cell_counts& before, cell_counts after,
                                   std::string_view sentence) {
  auto old = no_number;
  if (before.bad() > 0) {
    const auto* cell = kind.targets.bad_cells().find(source, target);
    old = cell == nullptr ? no_number : cell->sentence;
  }
  after.sentence = after.bad() > 0 ? failures_.acquire_sentence(sentence) : no_number;
  kind.targets.set_source(source, agents_[source].info());
  kind.targets.replace(source, target, before, after);
  failures_.release_sentence(old);
}

void incident_board::change_reach(kind_board& kind, std::uint32_t target, const cell_counts& before,
                                  const cell_counts& after) {
  const auto at = kind.reached.try_emplace({targets_.of(target).region, target}).first;
  auto& now = at->second; // unsigned, as in `change_pair`
  now.series += after.known() - before.known();
  now.failing += after.failing - before.failing;
  now.results += after.results - before.results;
  if (now.series == 0) {
    kind.reached.erase(at);
  }
}

void incident_board::change_pair(kind_board& kind, std::uint32_t from, std::uint32_t to,
                                 const cell_counts& before, const cell_counts& after,
                                 std::string_view sentence) {
  const auto was = kind.cells.get(from, to);
  auto now = was;
  // Unsigned, so that less is more modulo 2^32.
  now.ok += after.ok - before.ok;
  now.degraded += after.degraded - before.degraded;
  now.failing += after.failing - before.failing;
  now.fault += after.fault - before.fault;
  now.unknown += after.unknown - before.unknown;
  now.results += after.results - before.results;
  if (now.bad() == 0) {
    now.reason = now.sentence = no_number;
    now.since_s = 0;
  } else if (after.bad() > 0) {
    now.reason = after.reason;
    now.sentence = failures_.acquire_sentence(sentence);
    now.since_s = was.bad() == 0 ? after.since_s : was.since_s;
  }
  kind.pairs.set_source(from, region_info(from));
  kind.pairs.replace(from, to, was, now);
  if (now.sentence != was.sentence || after.bad() > 0) {
    failures_.release_sentence(was.sentence);
  }
  kind.cells.set(from, to, now);
}

// -- pictures -------------------------------------------------------------------------------------

std::vector<kind_picture> incident_board::pictures(wall_time now) {
  while (regroup_some()) {
  }
  watch_backlogs(now);
  judge_agents();
  std::vector<kind_picture> all;
  for (auto& [name, kind] : kinds_) {
    if (!kind->pairs.sources().empty()) {
      all.push_back({name, period_, &kind->pair_verdict.of(kind->pairs), &kind->pairs,
                     &kind->pair_names, "pairs"});
    }
    if (!kind->targets.sources().empty()) {
      all.push_back({name, period_, &kind->target_verdict.of(kind->targets), &kind->targets,
                     &kind->target_names, "targets"});
    }
  }
  all.push_back({"", period_, &agent_verdict_.of(agent_evidence_), &agent_evidence_,
                 agent_names_.get(), "agents"});
  for (auto& picture : all) {
    picture.words = words_;
  }
  return all;
}

std::vector<state_counts> incident_board::state_totals() const {
  std::vector<state_counts> all;
  all.reserve(kinds_.size());
  for (const auto& [name, kind] : kinds_) {
    all.push_back({name, kind->states});
  }
  return all;
}

std::vector<target_uid> incident_board::targets_of(const incident& what) const {
  std::vector<target_uid> all;
  for (const auto& name : what.targets.names) {
    for (const auto number : targets_.find(name)) {
      const auto of = targets_.of(number);
      all.push_back({regions_[of.region], name, types_[of.type].prober});
    }
  }
  return all;
}

} // namespace xprober
