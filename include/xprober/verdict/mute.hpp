#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/text_pattern.hpp"
#include "xprober/verdict/incident.hpp"

namespace xprober {

/// One condition of a mute. `*` in the value stands for any characters, none included; the case of
/// letters counts.
struct mute_condition {
  /// `kind`, `severity`, `probe_type`, `reason`, `alertname`, `certificate`, `target` or `source`
  /// (one of the names that the incident has, of which it keeps the first twenty), else a label.
  std::string field{};
  std::string value{};

  bool operator==(const mute_condition&) const = default;
};

/// While it lasts, what all its conditions fit is not told. An incident that is still open at its
/// end is told then; one that was told before is still told to be closed.
struct mute {
  std::uint64_t id = 0;
  std::vector<mute_condition> conditions{}; ///< none: it mutes nothing
  wall_time from{};
  wall_time until{}; ///< not included
  std::string by{};
  std::string why{};

  bool lasts(wall_time now) const noexcept { return from <= now && now < until; }
  bool fits(const incident& what) const;

  bool operator==(const mute&) const = default;
};

bool is_muted(const incident& what, std::span<const mute> mutes, wall_time now);

/// Empty, or what is wrong with what somebody has sent: no condition, one without a field or a
/// value, too many or too long ones, an end that is not after the beginning, nobody's name.
std::string mute_problem(const mute& m);

} // namespace xprober
