#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "xprober/domain/targets/wanted_targets.hpp"

namespace xprober {

/// A target that is wanted, and a region whose agents have not reported it.
struct never_target {
  const wanted_group* group = nullptr;
  const probing_region* from = nullptr; ///< nameless: no agent is there that could probe it
  std::string_view address;
  std::uint32_t since_unix = 0; ///< when it became wanted from there
};

/// Which targets that are wanted have no row, as each region that is to probe them sees them: one
/// bit for each target and region. What it gives away is good as long as what is wanted stays.
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
  /// Targets and regions that they were not reported from.
  std::uint64_t size() const noexcept { return size_; }
  /// Rises whenever a number of a group has changed.
  std::uint64_t changes() const noexcept { return changes_; }
  /// Groups that `for_each_group` has looked at, so far.
  std::uint64_t looks() const noexcept { return looks_; }

  /// Calls `visit(const wanted_group&, const probing_region&, number)` where there is any. A group
  /// of the same type and region can come again.
  template <class Visitor>
  void for_each_group(Visitor&& visit) const {
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      const auto& group = wanted_->groups()[g];
      looks_ += group.sources.size();
      for (std::size_t p = 0; p < group.sources.size(); ++p) {
        if (const auto number = groups_[g][p].size; number > 0) {
          visit(group, wanted_->regions()[group.sources[p]], number);
        }
      }
    }
  }

  /// Calls `visit(const never_target&)` for each, until it returns false.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      for (std::size_t p = 0; p < groups_[g].size(); ++p) {
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
      if (at.source >= groups_[at.group].size()) {
        at = {at.group + 1, 0, 0};
        continue;
      }
      const auto& of = groups_[at.group][at.source];
      if (of.size == 0 || at.index >= of.never.size()) {
        at = {at.group, at.source + 1, 0};
        continue;
      }
      if (of.never[at.index]) {
        visit(target_at(at.group, at.source, at.index));
      }
      ++at.index;
    }
    return false;
  }

private:
  /// The targets of a group that one region has not reported.
  struct bits {
    std::vector<bool> never; ///< by the index in the group
    std::uint32_t size = 0;  ///< of those that are true
  };

  template <class Visitor>
  bool visit_bits(std::size_t g, std::size_t p, Visitor& visit) const {
    const auto& of = groups_[g][p];
    auto left = of.size;
    for (std::uint32_t i = 0; left > 0; ++i) {
      if (of.never[i]) {
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
  std::vector<std::vector<bits>> groups_; ///< by group, then the place in its `sources`
  std::uint64_t size_ = 0;
  std::uint64_t changes_ = 0;
  mutable std::uint64_t looks_ = 0;
};

} // namespace xprober
