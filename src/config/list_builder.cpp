#include "list_builder.hpp"

#include "xprober/config/problem.hpp"

namespace xprober::config {

void list_builder::begin_group(int line) {
  group_ = {};
  group_.line = line;
  has_targets_ = false;
  has_labels_ = false;
  series_labels_ = 0;
}

list_builder::part list_builder::key(std::string_view name) {
  if (name == "targets" || name == "labels") {
    auto& there = name == "targets" ? has_targets_ : has_labels_;
    if (std::exchange(there, true)) {
      problem_ = quoted(name) + " is given twice in a group; remove one of them";
    }
    return name == "targets" ? part::targets : part::labels;
  }
  if (strict_) {
    problem_ = quoted(name) + " is not a key of a group; " + std::string{group_form};
  }
  return part::none;
}

void list_builder::target(std::string text) {
  if (text.empty()) {
    problem_ = "a target is empty; remove it";
    return;
  }
  group_.targets.push_back(std::move(text));
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
    group_.labels.emplace(std::move(name), std::move(value));
  } else if (!meaning) {
    bad_.add(name_ + ":" + std::to_string(line) + ": " + wrong);
  } else if (group_.problem.empty()) {
    group_.problem = wrong + "; the group is left out";
    group_.problem_line = line;
  }
}

void list_builder::end_group() {
  if (!has_targets_) {
    problem_ = "a group has no targets; " + std::string{group_form};
    return;
  }
  groups_.push_back(std::move(group_));
}

} // namespace xprober::config
