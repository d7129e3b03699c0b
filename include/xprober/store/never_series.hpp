#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "xprober/domain/targets/wanted_targets.hpp"
#include "xprober/store/report_bits.hpp"

namespace xprober {

/// A target that is wanted, and a region whose agents have not reported it.
struct never_target {
  const wanted_group* group = nullptr;
  const probing_region* from = nullptr; ///< nameless: no agent is there that could probe it
  std::string_view address;
  std::uint32_t since_unix = 0; ///< when it became wanted from there
};

/// Which targets that are wanted have no row, as each region that is to probe them sees them: one
/// bit for each target and region, and none of groups of which nothing was reported. What it gives
/// away is good as long as what is wanted stays.
class never_series {
public:
  /// True for targets that this part of a store has; none at all: it has all.
  using is_ours = std::function<bool(std::string_view region, std::string_view address,
                                     std::string_view prober)>;

  /// Begins anew: nothing of what is wanted was reported. Null: nothing is wanted.
  void begin(wanted_targets_ptr wanted, const is_ours& ours);

  /// Goes on where the same is wanted and only the agents of regions differ; false (and nothing is
  /// changed) where it has to begin anew.
  bool go_on(const wanted_targets_ptr& wanted);

  /// A target has a row now of an agent of a region.
  void report(std::uint64_t uid_hash, std::string_view from);
  /// It has no row any more of that region's agents; `last`: of none at all.
  void take_back(std::uint64_t uid_hash, std::string_view from, bool last);

  /// True if anything is wanted.
  bool watches() const noexcept { return wanted_ != nullptr; }
  /// Those that anything is wanted from. There is something that is wanted.
  const std::vector<probing_region>& regions() const noexcept { return wanted_->regions(); }
  /// Targets and regions that they were not reported from.
  std::uint64_t size() const noexcept { return size_; }
  /// Rises whenever a number of a group has changed.
  std::uint64_t changes() const noexcept { return changes_; }
  /// Groups that `for_each_group` has looked at, so far.
  std::uint64_t looks() const noexcept { return looks_; }

  /// Calls `visit(const wanted_group&)` for each of which a region has not reported all.
  template <class Visitor>
  void for_each_group(Visitor&& visit) const {
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      if (groups_[g].lacking() > 0) {
        visit(wanted_->groups()[g]);
      }
    }
  }

  /// Calls `visit(const wanted_group&, const probing_region&, number)` where there is any. A group
  /// of the same type and region can come again.
  template <class Visitor>
  void for_each_number(Visitor&& visit) const {
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      const auto& group = wanted_->groups()[g];
      looks_ += group.sources.size();
      for (std::size_t p = 0; p < group.sources.size() && groups_[g].lacking() > 0; ++p) {
        if (const auto number = groups_[g].lacking(p); number > 0) {
          visit(group, wanted_->regions()[group.sources[p]], number);
        }
      }
    }
  }

  /// Calls `visit(const never_target&)` for each, until it returns false.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      for (std::size_t p = 0; p < groups_[g].sources() && groups_[g].lacking() > 0; ++p) {
        if (!visit_bits(g, p, visit)) {
          return;
        }
      }
    }
  }

  /// Where a walk in steps has come to.
  struct cursor {
    std::size_t group = 0;
    std::size_t source = 0;
    std::uint32_t index = 0;
  };

  /// Goes on with a walk: calls `visit(const never_target&)` for those among the next `most` bits;
  /// false once there are no more. What changes meanwhile may be met or not.
  template <class Visitor>
  bool for_some(cursor& at, std::size_t most, Visitor&& visit) const {
    for (; at.group < groups_.size(); --most) {
      if (most == 0) {
        return true;
      }
      const auto& of = groups_[at.group];
      if (at.source >= of.sources() || of.lacking() == 0) {
        at = {at.group + 1, 0, 0};
        continue;
      }
      if (at.index >= of.targets() || (at.index == 0 && of.lacking(at.source) == 0)) {
        at = {at.group, at.source + 1, 0};
        continue;
      }
      if (of.lacks(at.source, at.index)) {
        visit(target_at(at.group, at.source, at.index));
      }
      ++at.index;
    }
    return false;
  }

private:
  template <class Visitor>
  bool visit_bits(std::size_t g, std::size_t p, Visitor& visit) const {
    auto left = groups_[g].lacking(p);
    for (std::uint32_t i = 0; left > 0; ++i) {
      if (groups_[g].lacks(p, i)) {
        --left;
        if (!visit(target_at(g, p, i))) {
          return false;
        }
      }
    }
    return true;
  }

  never_target target_at(std::size_t g, std::size_t p, std::uint32_t index) const;
  void set(std::size_t g, std::size_t p, std::uint32_t index, bool never);
  /// Of a target that several entries name each region counts once: where the first one has it.
  void drop_repeated();
  /// Sets the first bit that a target has for a region.
  void set_first(std::uint64_t uid_hash, std::uint32_t region);

  wanted_targets_ptr wanted_;
  std::vector<report_bits> groups_; ///< their sources are places in the group's `sources`
  std::uint64_t size_ = 0;
  std::uint64_t changes_ = 0;
  mutable std::uint64_t looks_ = 0;
};

} // namespace xprober
