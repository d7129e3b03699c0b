#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "xprober/actors/agent/prober_directory.hpp"
#include "xprober/actors/agent/target_table.hpp"
#include "xprober/actors/agent/unknown_types.hpp"
#include "xprober/actors/messages/agent.hpp"
#include "xprober/domain/target_text.hpp"

namespace xprober {

/// A list may always take away fewer targets than this, whatever share of all they are.
inline constexpr std::uint64_t unprotected_removals = 10;

/// What a step of a list has done to the table: a target begins, or it ends.
struct target_change {
  target_ref target;
  bool begins = false;
};

/// One list, or one difference, on its way into the table of targets, in steps of about half a
/// millisecond, so that a million new targets do not hold up those that are there already. A list
/// that takes away too much is held: nothing is changed then. A target whose module is built on
/// another type than before, or whose URL names another user, is a new target.
///
/// The table may change between the steps. Table and directory must live as long as this.
class list_application {
public:
  /// `bad` and `unknown`: what the lists before have left out, which a difference changes.
  list_application(list_update update, target_table& table, prober_directory& probers,
                   bad_targets bad, unknown_types unknown);

  /// Goes on for one step and appends what it has changed, in this order. True at the end.
  bool step(std::vector<target_change>& changes);

  /// Complete after the last step.
  const apply_report& report() const noexcept { return report_; }

  /// After the last step: what the lists say of targets that are not probed.
  void count(target_stats& counts, unknown_types& unknown) const;

  /// After the last step: what this list alone has named that cannot be used. Null where there is
  /// none, or where a whole list leaves out the same as those before.
  const bad_targets* bad_news() const noexcept;

  bool is_difference() const noexcept { return update_.removed != nullptr; }
  const std::string& revision() const noexcept { return update_.revision; }

private:
  /// What is done now. A list goes from `check`, if it may take away too much, to `add` and
  /// `sweep`; a difference from `take_out` to `add`.
  enum class phase : std::uint8_t { begin, check, take_out, add, sweep, end };

  /// A step on its way: what it may still cost, and what it has changed.
  struct progress {
    std::size_t budget;
    std::vector<target_change>& changes;

    void spend(std::size_t cost) noexcept { budget -= cost < budget ? cost : budget; }
  };

  bool run(phase now, progress& p);
  phase after(phase done) const noexcept;
  void begin();
  bool check_named(progress& p);
  bool take_out(progress& p);
  bool add_named(progress& p);
  bool remove_unnamed(progress& p);

  template <class Visitor>
  bool for_each_named(const target_list& groups, progress& p, Visitor&& visit);
  void add(target_uid uid, std::optional<std::string> user, progress& p);
  void remove(target_index index, progress& p);
  void mark(target_index index);
  bool is_marked(target_index index) const;
  std::uint64_t count_known(const target_list& groups) const;
  bool takes_too_much(std::uint64_t removed) const noexcept;
  void hold(std::uint64_t removed);
  void note_unknown_type(const target_group& group);

  list_update update_;
  target_table& table_;
  prober_directory& probers_;
  apply_report report_;
  phase at_ = phase::begin;
  std::size_t group_ = 0;
  std::size_t item_ = 0;
  target_index swept_ = 0;  ///< indices below were looked at by the sweep
  std::vector<bool> marks_; ///< of a list, by index: named so far in this phase
  std::uint64_t found_ = 0; ///< targets of ours that the check has found in the list
  bad_targets bad_before_;  ///< of the lists before
  bad_targets fresh_bad_;   ///< of this list or difference alone
  bad_targets bad_;         ///< of all, as far as it is applied; a whole list begins with none
  unknown_types unknown_;   ///< likewise
};

} // namespace xprober
