#include "xprober/actors/agent/list_application.hpp"

#include <algorithm>
#include <utility>

#include "xprober/base/log.hpp"
#include "xprober/domain/target_text.hpp"
#include "xprober/domain/targets/target_set.hpp"

namespace xprober {

namespace {

// One step costs at most so much; a look-up is 1, about 0.5 us.
constexpr std::size_t step_budget = 1000;
constexpr std::size_t change_cost = 10;

bool same_user(const target_spec& spec, const std::optional<std::string>& user) {
  return user ? spec.user_info && *spec.user_info == *user : !spec.user_info;
}

/// Why no engine can probe a target; empty where one can.
std::string problem_of(const target_uid& uid) {
  auto reading = read_target(uid.type, uid.address);
  if (reading.block) {
    reading.problem = "a block is not a target of an agent: its addresses are";
  }
  return reading.problem.empty() ? std::string{}
                                 : bad_target_text(uid.type, uid.address, reading.problem);
}

/// What is done with each target of a list, and with each group of a type that is not probed here.
template <class Known, class Unknown>
struct visitor {
  Known known;
  Unknown unknown;
};

template <class Known, class Unknown>
visitor(Known, Unknown) -> visitor<Known, Unknown>;

} // namespace

list_application::list_application(list_update update, target_table& table,
                                   prober_directory& probers, bad_targets bad,
                                   unknown_types unknown)
    : update_(std::move(update)), table_(table), probers_(probers), bad_before_(std::move(bad)) {
  if (is_difference()) {
    bad_ = bad_before_;
    unknown_ = std::move(unknown);
  }
}

bool list_application::step(std::vector<target_change>& changes) {
  progress p{step_budget, changes};
  while (at_ != phase::end && run(at_, p)) {
    at_ = after(at_);
    group_ = item_ = 0;
  }
  return at_ == phase::end;
}

/// True when this phase is over.
bool list_application::run(phase now, progress& p) {
  switch (now) {
  case phase::begin: begin(); return true;
  case phase::check: return check_named(p);
  case phase::take_out: return take_out(p);
  case phase::add: return add_named(p);
  case phase::sweep: return remove_unnamed(p);
  case phase::end: break;
  }
  return true;
}

list_application::phase list_application::after(phase done) const noexcept {
  if (report_.held) {
    return phase::end;
  }
  switch (done) {
  case phase::begin:
    if (is_difference()) {
      return phase::take_out;
    }
    return takes_too_much(table_.size()) ? phase::check : phase::add;
  case phase::check:
  case phase::take_out: return phase::add;
  case phase::add: return is_difference() ? phase::end : phase::sweep;
  case phase::sweep:
  case phase::end: break;
  }
  return phase::end;
}

void list_application::begin() {
  if (is_difference()) {
    if (const auto removed = count_known(*update_.removed); takes_too_much(removed)) {
      hold(removed);
    }
    return;
  }
  const auto named = count_targets(*update_.targets);
  if (named == 0 && table_.size() > 0 && update_.max_removal_percent < 100) {
    hold(table_.size()); // however few they are: an empty list is what a broken source gives
    return;
  }
  // Tables grow once and now, while they are small, and not in the midst of a step; with room for
  // the differences to come.
  table_.reserve(named + named / 8);
}

/// Targets of types that this agent probes.
std::uint64_t list_application::count_known(const target_list& groups) const {
  std::uint64_t count = 0;
  for (const auto& group : groups) {
    count += probers_.find(group.prober_type) ? group.targets.size() : 0;
  }
  return count;
}

bool list_application::takes_too_much(std::uint64_t removed) const noexcept {
  return update_.max_removal_percent < 100 && removed >= unprotected_removals &&
         removed * 100 > table_.size() * update_.max_removal_percent;
}

void list_application::hold(std::uint64_t removed) {
  report_.held = true;
  report_.removed = removed;
}

void list_application::mark(target_index index) {
  if (index >= marks_.size()) {
    marks_.resize(std::max<std::size_t>(index + std::size_t{1}, table_.end_index()));
  }
  marks_[index] = true;
}

bool list_application::is_marked(target_index index) const {
  return index < marks_.size() && marks_[index];
}

/// Calls `visit.known(uid, user)` for each target from where the application is, and
/// `visit.unknown(group)` for a whole group of an unknown type, until the budget is used up. True
/// after the last one.
template <class Visitor>
bool list_application::for_each_named(const target_list& groups, progress& p, Visitor&& visit) {
  for (; group_ < groups.size(); ++group_, item_ = 0) {
    if (p.budget == 0) {
      return false;
    }
    p.spend(1);
    const auto& group = groups[group_];
    const auto prober = probers_.find(group.prober_type);
    if (!prober) {
      visit.unknown(group);
      continue;
    }
    for (; item_ < group.targets.size(); ++item_) {
      if (p.budget == 0) {
        return false;
      }
      p.spend(1);
      std::string address = group.targets[item_];
      auto user = take_user(*prober, address);
      visit.known(target_uid{group.region, std::move(address), *prober}, std::move(user));
    }
  }
  return true;
}

/// Finds out how many targets the list would take away. True at its end, or once it is clear that
/// they are not too many.
bool list_application::check_named(progress& p) {
  const auto look = [&](const target_uid& uid, const std::optional<std::string>&) {
    const auto known = table_.find(uid, stable_hash(uid));
    if (known && !is_marked(*known)) {
      mark(*known);
      ++found_;
    }
  };
  const bool done = for_each_named(*update_.targets, p, visitor{look, [](const target_group&) {}});
  // Targets that were found can be gone again: modules change between two steps.
  const auto removed = table_.size() - std::min(found_, table_.size());
  const bool too_many = takes_too_much(removed);
  if (done && too_many) {
    hold(removed);
  }
  if (!done && too_many) {
    return false;
  }
  marks_.clear();
  return true;
}

bool list_application::take_out(progress& p) {
  const auto take = [&](const target_uid& uid, const std::optional<std::string>& user) {
    const auto known = table_.find(uid, stable_hash(uid));
    if (known && same_user(*table_.at(*known), user)) {
      remove(*known, p);
    } else if (auto wrong = problem_of(uid); !known && !wrong.empty()) {
      bad_.remove(wrong);
    }
  };
  const auto unknown = [&](const target_group& group) {
    unknown_.remove(group.prober_type, group.targets.size());
  };
  return for_each_named(*update_.removed, p, visitor{take, unknown});
}

bool list_application::add_named(progress& p) {
  const auto named = [&](target_uid uid, std::optional<std::string> user) {
    add(std::move(uid), std::move(user), p);
  };
  const auto unknown = [&](const target_group& group) {
    note_unknown_type(group);
    report_.unknown_type += group.targets.size();
    unknown_.add(group.prober_type, group.targets.size());
  };
  return for_each_named(*update_.targets, p, visitor{named, unknown});
}

void list_application::add(target_uid uid, std::optional<std::string> user, progress& p) {
  const auto hash = stable_hash(uid);
  const auto known = table_.find(uid, hash);
  // Named before in this list, or there when a difference adds it, it is a repeat, whoever its
  // user is.
  const bool repeated = known && (is_difference() || is_marked(*known));
  if (repeated) {
    ++report_.duplicates;
    return;
  }
  if (known) {
    const auto& spec = *table_.at(*known);
    if (uid.type.kind() == &spec.kind() && same_user(spec, user)) {
      ++report_.kept;
      mark(*known);
      return;
    }
    remove(*known, p);
  }
  p.spend(change_cost);
  if (auto wrong = problem_of(uid); !wrong.empty()) {
    bad_.add(wrong);
    fresh_bad_.add(std::move(wrong));
    return;
  }
  const auto& added = table_.add(std::move(uid), hash, std::move(user));
  if (!is_difference()) {
    mark(added->index);
  }
  ++report_.added;
  p.changes.push_back({added, true});
}

void list_application::remove(target_index index, progress& p) {
  p.spend(change_cost);
  p.changes.push_back({table_.at(index), false});
  table_.remove(index);
  ++report_.removed;
}

bool list_application::remove_unnamed(progress& p) {
  for (; swept_ < table_.end_index(); ++swept_) {
    if (p.budget == 0) {
      return false;
    }
    p.spend(1);
    if (table_.at(swept_) && !is_marked(swept_)) {
      remove(swept_, p);
    }
  }
  return true;
}

void list_application::note_unknown_type(const target_group& group) {
  if (probers_.is_news(group.prober_type)) {
    log::warn("target_manager",
              "targets of an unknown type are skipped; this agent knows " + probers_.kind_names() +
                  " and its modules",
              {{"type", group.prober_type}, {"region", group.region}});
  }
}

void list_application::count(target_stats& counts, unknown_types& unknown) const {
  if (report_.held) {
    return;
  }
  counts.bad = bad_;
  counts.unknown_type = unknown_.count();
  counts.duplicates = report_.duplicates + (is_difference() ? counts.duplicates : 0);
  unknown = unknown_;
}

const bad_targets* list_application::bad_news() const noexcept {
  const bool known = !is_difference() && bad_ == bad_before_;
  return fresh_bad_.count == 0 || known ? nullptr : &fresh_bad_;
}

} // namespace xprober
