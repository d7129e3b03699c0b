#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "xprober/domain/targets/wanted_targets.hpp"
#include "xprober/store/store_names.hpp"
#include "xprober/store/store_rows.hpp"

namespace xprober {

/// Whether anything more is to come of a row: its target is wanted, and its agent has not left.
/// What comes back after a restart may be of those that went meanwhile; nobody is to wait for
/// these.
class row_prospects {
public:
  /// Agents that have left and are remembered; above it all are forgotten, and what is replayed of
  /// one of them is waited for like any other.
  static constexpr std::size_t most_left = 100'000;

  /// All that is wanted from now on; null, as at first: it is not known yet.
  void want(wanted_targets_ptr wanted) { wanted_ = std::move(wanted); }
  /// False: agents may have targets that are not of this server's list
  /// (`limits.listed_targets_only`).
  void set_listed_only(bool on) noexcept { listed_only_ = on; }

  void leave(std::string_view region, std::string_view address);
  void welcome(std::string_view region, std::string_view address);

  bool has(const store_names& names, const series_row& row) const;

private:
  wanted_targets_ptr wanted_;
  bool listed_only_ = true;
  std::unordered_set<std::uint64_t> left_; ///< hashes of agents
};

} // namespace xprober
