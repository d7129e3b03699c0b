#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/targets/discovery.hpp"

namespace xprober::config {

/// Takes the parts of a list one after the other, whatever they are written in, and finds what is
/// wrong with them. What is wrong costs no more than it must: a target or a label that cannot be
/// kept is left out; what says how or from where a group is probed, or what its targets are, takes
/// the group along.
class list_builder {
public:
  static constexpr std::string_view group_form =
      "a group has the keys targets (a list of texts) and labels";

  /// `name` is that of the list; a strict one has no keys but those that are known. `max_targets`
  /// are its targets at most, and its groups.
  list_builder(std::string name, bool strict, std::uint64_t max_targets)
      : name_(std::move(name)), strict_(strict), most_(max_targets) {}

  void begin_group(int line);

  /// Something else stands in a group's place; `kind` is what.
  void no_group(int line, std::string_view kind);

  /// What follows a key of a group; nothing where it is to be passed over.
  enum class part { none, targets, labels };
  part key(int line, std::string_view name);

  /// One that is empty is judged, and left out, as all targets are.
  void target(std::string text);

  /// Something else stands in a target's place.
  void no_target(int line, std::string_view kind);

  /// `kind` is what the value is where it is no text and has none.
  void label(int line, std::string name, std::string value, std::string_view kind = {});

  /// The part is neither its kind of value nor null.
  void no_part(int line, part which, std::string_view kind);

  void end_group();

  /// True when there are more targets or groups than there may be; what comes then is not kept.
  bool full() const noexcept { return targets_ > most_ || groups_.size() > most_; }

  /// What to say of a list that is full.
  std::string too_many() const;

  /// The list; an error where something was left out and nothing is left of it.
  discovered_list take();

private:
  /// Gives what it says.
  std::string leave_out(int line, std::string_view what);
  /// A group or a target is left out.
  void lose(int line, std::string_view what);
  /// Costs the group, which is left out where it ends; the first problem counts.
  void spoil(int line, std::string_view what);
  /// What is wrong with a label; empty where nothing is.
  std::string problem_of(const std::string& name, std::string_view value,
                         std::string_view kind) const;

  std::string name_;
  bool strict_;
  std::uint64_t most_;        ///< targets, and groups
  std::uint64_t targets_ = 0; ///< that were taken, of groups that were left out, too
  bool has_targets_ = false;
  bool has_labels_ = false;
  std::size_t series_labels_ = 0; ///< of the group's: those without a meaning
  discovered_group group_;
  std::string problem_;  ///< what costs the group; empty where nothing does
  int problem_line_ = 0; ///< 1-based
  std::vector<discovered_group> groups_;
  left_out bad_;
  std::string first_lost_; ///< what was said of the first group or target that was left out
};

} // namespace xprober::config
