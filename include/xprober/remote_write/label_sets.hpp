#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "xprober/domain/targets/target_labels.hpp"

namespace xprober {

/// The labels that series carry to a receiver of remote write beside the program's own: those of
/// the receiver, and those of their targets, which win. Sets that are written alike have one
/// number, so a series whose number has changed is another series. A set is held once for all
/// series with it.
class remote_label_sets {
public:
  /// Sorted by name; without labels that are empty or no clean text.
  struct set {
    label_list before_name; ///< that sort before __name__
    label_list behind_name;
  };

  /// Number 0 is the set of targets without labels of their own.
  explicit remote_label_sets(std::map<std::string, std::string> of_receiver);

  /// The targets' labels from now on; null: none has any. True if numbers from before have lost
  /// their meaning: so many sets had been seen that they were forgotten.
  bool enter(target_labels_ptr labels);

  /// The number of a target's set. `gone`: of one that may have left the targets, by the newest of
  /// the last four tables that names it.
  std::uint32_t number_of(std::string_view region, std::string_view address, std::string_view type,
                          bool gone = false);

  /// The set with a number that `number_of` has given.
  const set& at(std::uint32_t number) const { return sets_[number]; }

private:
  std::uint32_t intern(const label_list& own);

  std::map<std::string, std::string> of_receiver_;
  std::deque<target_labels_ptr> tables_;                      ///< the newest first
  std::unordered_map<const label_list*, std::uint32_t> seen_; ///< lists of `tables_`
  std::map<label_list, std::uint32_t> numbers_;               ///< of `sets_`
  std::deque<set> sets_;
  target_uid uid_; ///< to ask `tables_`
};

} // namespace xprober
