#include "list_builder.hpp"

#include <algorithm>

#include "xprober/config/problem.hpp"

namespace xprober::config {

void list_builder::begin_group(int line) {
  group_ = {};
  group_.line = line;
  problem_.clear();
  has_targets_ = false;
  has_labels_ = false;
  series_labels_ = 0;
}

std::string list_builder::leave_out(int line, std::string_view what) {
  auto told = name_;
  told.append(":").append(std::to_string(line)).append(": ").append(what);
  bad_.add(told);
  return told;
}

void list_builder::lose(int line, std::string_view what) {
  auto told = leave_out(line, what);
  if (first_lost_.empty()) {
    first_lost_ = std::move(told);
  }
}

void list_builder::spoil(int line, std::string_view what) {
  if (problem_.empty()) {
    problem_ = std::string{what} + "; the group is left out";
    problem_line_ = line;
    group_.targets = {};
    group_.labels.clear();
  }
}

void list_builder::no_group(int line, std::string_view kind) {
  lose(line, "a group is " + std::string{kind} + "; " + std::string{group_form});
}

list_builder::part list_builder::key(int line, std::string_view name) {
  if (name == "targets" || name == "labels") {
    auto& there = name == "targets" ? has_targets_ : has_labels_;
    if (std::exchange(there, true)) {
      spoil(line, in_quotes(name) + " is given twice in a group; remove one of them");
      return part::none;
    }
    return name == "targets" ? part::targets : part::labels;
  }
  if (strict_) {
    spoil(line, in_quotes(name) + " is not a key of a group; " + std::string{group_form});
  }
  return part::none;
}

void list_builder::target(std::string text) {
  ++targets_;
  if (problem_.empty() && !full()) {
    group_.targets.push_back(std::move(text));
  }
}

std::string list_builder::too_many() const {
  const auto most = std::to_string(most_);
  return "there are more than " + most + " targets or groups; max_targets allows " + most +
         ": shorten the list or raise max_targets";
}

void list_builder::no_target(int line, std::string_view kind) {
  lose(line, "a target is " + std::string{kind} + "; allowed are texts");
}

void list_builder::no_part(int line, part which, std::string_view kind) {
  spoil(line, which == part::targets
                  ? "targets is " + std::string{kind} + "; allowed is a list of texts"
                  : "labels is " + std::string{kind} + "; allowed are names with texts");
}

std::string list_builder::problem_of(const std::string& name, std::string_view value,
                                     std::string_view kind) const {
  if (auto wrong = label_problem(name, value); !wrong.empty()) {
    return wrong;
  }
  if (!kind.empty()) {
    return "label " + name + " is " + std::string{kind} + "; allowed are texts" +
           (name == "source_regions" ? ", as in \"us,ap\"" : "");
  }
  const bool meaning = label_has_meaning(name);
  if (group_.labels.contains(name)) {
    return "label " + name + " is given twice in a group; " +
           (meaning ? "remove one of them" : "the first counts");
  }
  if (!meaning && series_labels_ >= max_group_labels) {
    return "a group has more than " + std::to_string(max_group_labels) + " labels; label " + name +
           " is left out";
  }
  return {};
}

void list_builder::label(int line, std::string name, std::string value, std::string_view kind) {
  if (!is_label_kept(name) || (value.empty() && kind.empty())) {
    return;
  }
  const bool meaning = label_has_meaning(name);
  const auto wrong = problem_of(name, value, kind);
  if (wrong.empty()) {
    series_labels_ += meaning ? 0 : 1;
    if (problem_.empty()) {
      group_.labels.emplace(std::move(name), std::move(value));
    }
  } else if (!meaning) {
    leave_out(line, wrong);
  } else {
    spoil(line, wrong);
  }
}

void list_builder::end_group() {
  if (!has_targets_) {
    spoil(group_.line, "a group has no targets; " + std::string{group_form});
  }
  if (!problem_.empty()) {
    lose(problem_line_, problem_);
  } else if (!full()) {
    groups_.push_back(std::move(group_));
  }
}

discovered_list list_builder::take() {
  const bool nothing_left =
      !first_lost_.empty() &&
      std::ranges::all_of(groups_, [](const auto& group) { return group.targets.empty(); });
  if (nothing_left) {
    return {{}, std::move(first_lost_)};
  }
  return {std::move(groups_), {}, std::move(bad_)};
}

} // namespace xprober::config
