#include "xprober/actors/agent/target_manager.hpp"

#include <algorithm>
#include <utility>

#include "xprober/base/log.hpp"
#include "xprober/domain/targets/target_set.hpp"

// How the manager obeys a list or a difference, step by step.

namespace xprober {

namespace {

// One step of a job costs at most so much; a look-up is 1, about 0.5 us.
constexpr std::size_t step_budget = 1000;
constexpr std::size_t spawn_cost = 10;

bool same_user(const target_spec& spec, const std::optional<std::string>& user) {
  return user ? spec.user_info && *spec.user_info == *user : !spec.user_info;
}

} // namespace

void target_manager_state::apply(list_update update,
                                 caf::typed_response_promise<apply_report> promise) {
  const bool is_empty = !update.removed && count_targets(*update.targets) == 0;
  if (stopped || (is_empty && !update.obey_empty)) {
    apply_report report;
    report.ignored = true;
    promise.deliver(report);
    return;
  }
  job next;
  next.update = std::move(update);
  next.promise = std::move(promise);
  jobs.push_back(std::move(next));
  if (jobs.size() == 1) {
    begin_job();
  }
}

void target_manager_state::begin_job() {
  auto& j = jobs.front();
  ++epoch;
  const auto named = count_targets(*j.update.targets);
  if (j.is_difference()) {
    j.at = phase::take_out;
    if (const auto removed = count_known(*j.update.removed); takes_too_much(j, removed)) {
      hold(j, removed);
      return;
    }
  } else {
    if (named == 0 && present() > 0 && j.update.max_removal_percent < 100) {
      hold(j, present()); // however few they are: an empty list is what a broken source gives
      return;
    }
    j.at = takes_too_much(j, present()) ? phase::check : phase::add;
    // Tables grow once and now, while they are small, and not in the midst of a step; with room for
    // the differences to come.
    entries.reserve(named + named / 8);
    by_hash.reserve(named + named / 8);
  }
  step();
}

void target_manager_state::step() {
  if (jobs.empty()) {
    return;
  }
  auto& j = jobs.front();
  std::size_t budget = step_budget;
  const bool done = advance(j, budget);
  report_lifecycle();
  if (done) {
    finish_job();
  } else {
    // By the clock and not straight into the own mailbox: an actor keeps its worker thread while
    // there are messages for it, and the others would wait for the whole list.
    self->delayed_send(self, nanoseconds{0}, apply_more_atom_v);
  }
}

/// True when the job is done.
bool target_manager_state::advance(job& j, std::size_t& budget) {
  const auto next = [&j](phase p) {
    j.at = p;
    j.group = j.item = 0;
  };
  if (j.at == phase::check) {
    if (!check_named(j, budget)) {
      return false;
    }
    if (j.report.held) {
      return true;
    }
    next(phase::add);
  }
  if (j.at == phase::take_out) {
    if (!take_out(j, budget)) {
      return false;
    }
    next(phase::add);
  }
  if (j.at == phase::add) {
    if (!add_named(j, budget)) {
      return false;
    }
    next(phase::sweep);
  }
  return j.is_difference() || remove_unnamed(j, budget);
}

/// Targets of types that this agent probes.
std::uint64_t target_manager_state::count_known(const target_list& groups) const {
  std::uint64_t count = 0;
  for (const auto& group : groups) {
    count += find_prober(group.prober_type) ? group.targets.size() : 0;
  }
  return count;
}

bool target_manager_state::takes_too_much(const job& j, std::uint64_t removed) const noexcept {
  return j.update.max_removal_percent < 100 && removed >= unprotected_removals &&
         removed * 100 > present() * j.update.max_removal_percent;
}

void target_manager_state::hold(job& j, std::uint64_t removed) {
  j.report.held = true;
  j.report.removed = removed;
  finish_job();
}

/// Calls `visit.known(uid, user)` for each target from where the job is, and `visit.unknown(group)`
/// for a whole group of an unknown type, until the budget is used up. True after the last one.
template <class Visitor>
bool target_manager_state::for_each_named(job& j, const target_list& groups, std::size_t& budget,
                                          Visitor&& visit) {
  for (; j.group < groups.size(); ++j.group, j.item = 0) {
    if (budget == 0) {
      return false;
    }
    --budget;
    const auto& group = groups[j.group];
    const auto prober = find_prober(group.prober_type);
    if (!prober) {
      visit.unknown(group);
      continue;
    }
    for (; j.item < group.targets.size(); ++j.item) {
      if (budget == 0) {
        return false;
      }
      --budget;
      std::string address = group.targets[j.item];
      auto user = may_hold_user(*prober) ? take_user_info(address) : std::nullopt;
      visit.known(target_uid{group.region, std::move(address), *prober}, std::move(user));
    }
  }
  return true;
}

namespace {

template <class Known, class Unknown>
struct visitor {
  Known known;
  Unknown unknown;
};

template <class Known, class Unknown>
visitor(Known, Unknown) -> visitor<Known, Unknown>;

} // namespace

/// Finds out how many targets the list would take away. True at its end, or once it is clear that
/// they are not too many.
bool target_manager_state::check_named(job& j, std::size_t& budget) {
  const auto look = [&](const target_uid& uid, const std::optional<std::string>&) {
    const auto known = find_entry(stable_hash(uid), uid);
    if (known != by_hash.end() && entries[known->second].seen != epoch) {
      entries[known->second].seen = epoch;
      ++j.found;
    }
  };
  const bool done =
      for_each_named(j, *j.update.targets, budget, visitor{look, [](const target_group&) {}});
  const auto removed = present() - j.found;
  if (!takes_too_much(j, removed)) {
    return true;
  }
  if (done) {
    j.report.held = true;
    j.report.removed = removed;
  }
  return done;
}

bool target_manager_state::take_out(job& j, std::size_t& budget) {
  const auto remove = [&](const target_uid& uid, const std::optional<std::string>& user) {
    const auto known = find_entry(stable_hash(uid), uid);
    if (known != by_hash.end() && same_user(*entries[known->second].spec, user)) {
      budget -= std::min(budget, spawn_cost);
      kill(entries[known->second]);
      ++j.report.removed;
    }
  };
  return for_each_named(
      j, *j.update.removed, budget,
      visitor{remove, [&](const target_group& group) { j.unknown_gone += group.targets.size(); }});
}

bool target_manager_state::add_named(job& j, std::size_t& budget) {
  const auto named = [&](target_uid uid, std::optional<std::string> user) {
    add(j, std::move(uid), std::move(user), budget);
  };
  return for_each_named(j, *j.update.targets, budget,
                        visitor{named, [&](const target_group& group) {
                                  note_unknown_type(group);
                                  j.report.unknown_type += group.targets.size();
                                }});
}

target_manager_state::hash_index::iterator target_manager_state::find_entry(std::uint64_t hash,
                                                                            const target_uid& uid) {
  const auto [first, last] = by_hash.equal_range(hash);
  const auto known = std::find_if(
      first, last, [&](const auto& item) { return entries[item.second].spec->uid == uid; });
  return known == last ? by_hash.end() : known;
}

void target_manager_state::add(job& j, target_uid uid, std::optional<std::string> user,
                               std::size_t& budget) {
  const auto hash = stable_hash(uid);
  const auto known = find_entry(hash, uid);
  const bool is_known = known != by_hash.end();
  // Named before in this list, or there when a difference adds it, it is a repeat, whoever its
  // user is.
  const bool rebuilt = is_known && !j.is_difference() && entries[known->second].epoch != epoch &&
                       (uid.type.kind() != &entries[known->second].spec->kind() ||
                        !same_user(*entries[known->second].spec, user));
  if (rebuilt) {
    kill(entries[known->second]);
    ++j.report.removed;
  } else if (is_known) {
    auto& e = entries[known->second];
    ++(e.epoch == epoch || j.is_difference() ? j.report.duplicates : j.report.kept);
    e.epoch = epoch;
    return;
  }
  budget -= std::min(budget, spawn_cost);
  if (free.empty()) {
    free.push_back(static_cast<target_index>(entries.size()));
    entries.emplace_back();
  }
  const auto index = free.back();
  free.pop_back();
  auto& e = entries[index];
  target_spec spec{std::move(uid), index};
  if (user) {
    spec.user_info = std::make_unique<const std::string>(std::move(*user));
  }
  e.spec = std::make_shared<const target_spec>(std::move(spec));
  e.epoch = epoch;
  by_hash.emplace(hash, index);
  ++counts.count.of(e.spec->uid.type);
  ++j.report.added;
  self->send(results, target_begun{e.spec});
  spawn(e);
}

bool target_manager_state::remove_unnamed(job& j, std::size_t& budget) {
  for (; j.sweep < entries.size(); ++j.sweep) {
    if (budget == 0) {
      return false;
    }
    --budget;
    auto& e = entries[j.sweep];
    if (e.spec && e.epoch != epoch) {
      budget -= std::min(budget, spawn_cost);
      kill(e);
      ++j.report.removed;
    }
  }
  return true;
}

void target_manager_state::finish_job() {
  auto j = std::move(jobs.front());
  jobs.pop_front();
  const auto& report = j.report;
  if (!report.held && j.is_difference()) {
    counts.unknown_type += report.unknown_type;
    counts.unknown_type -= std::min(counts.unknown_type, j.unknown_gone);
    counts.duplicates += report.duplicates;
  } else if (!report.held) {
    counts.unknown_type = report.unknown_type;
    counts.duplicates = report.duplicates;
  }
  self->send(stats, counts);
  if (!report.held && report.added + report.removed > 0) {
    log::info("target_manager", j.is_difference() ? "difference applied" : "list applied",
              {{"added", report.added},
               {"removed", report.removed},
               {"kept", report.kept},
               {"duplicates", report.duplicates},
               {"unknown_type", report.unknown_type},
               {"revision", j.update.revision}});
  }
  j.promise.deliver(report);
  if (!jobs.empty()) {
    begin_job();
  }
}

} // namespace xprober
