#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/targets/discovery.hpp"

namespace xprober::config {

/// Takes the parts of a list one after the other, whatever they are written in, and finds what is
/// wrong with them. What is wrong with the form of the list is a problem of it all; a label that
/// cannot be kept is left out, and one that has a meaning takes its group along.
class list_builder {
public:
  static constexpr std::string_view group_form =
      "a group has the keys targets (a list of texts) and labels";

  /// `name` is that of the list; a strict one has no keys but those that are known.
  list_builder(std::string name, bool strict) : name_(std::move(name)), strict_(strict) {}

  void begin_group(int line);

  /// What follows a key of a group. Nothing where it is to be passed over; else, or on failure, see
  /// `problem()`.
  enum class part { none, targets, labels };
  part key(std::string_view name);

  void target(std::string text);

  /// `kind` is what the value is where it is no text and has none.
  void label(int line, std::string name, std::string value, std::string_view kind = {});

  void end_group();

  /// What is wrong with the form of the list; empty while nothing is.
  const std::string& problem() const noexcept { return problem_; }
  discovered_list take() { return {std::move(groups_), {}, std::move(bad_)}; }

private:
  /// What is wrong with a label; empty where nothing is.
  std::string problem_of(const std::string& name, std::string_view value,
                         std::string_view kind) const;

  std::string name_;
  bool strict_;
  bool has_targets_ = false;
  bool has_labels_ = false;
  std::size_t series_labels_ = 0; ///< of the group's: those without a meaning
  discovered_group group_;
  std::vector<discovered_group> groups_;
  left_out bad_;
  std::string problem_;
};

} // namespace xprober::config
