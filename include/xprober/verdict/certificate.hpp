#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/verdict/finding.hpp"

namespace xprober {

/// A certificate that a target has shown.
struct certificate_sighting {
  std::string target{};
  std::string probe_type{};
  std::string fingerprint{};
  std::string subject{}; ///< whom the one that ends names; may be empty
  wall_time not_after{};
  std::vector<incident_label> labels{}; ///< of the target
  bool own = true; ///< it is the target's own; else another of the chain that it sends
};

// Before its end. 21 days: a certificate of 90 days is to be renewed 30 days before its end, so
// nine days of attempts have failed.
inline constexpr std::chrono::hours certificate_info{21 * 24};
inline constexpr std::chrono::hours certificate_warning{7 * 24};
inline constexpr std::chrono::hours certificate_critical{24};

/// `left` until its end, negative after it; nothing while there is time.
std::optional<incident_severity> certificate_severity(wall_clock::duration left) noexcept;

/// A key of target and certificate together, which is met by no target's.
std::uint64_t certificate_key(std::string_view target, std::string_view fingerprint) noexcept;

/// One certificate that these targets show, one at least; nothing while there is time. `silent`:
/// names of targets that have shown it, too, and of which nothing is known now. It has the labels
/// that all who show it have.
std::optional<finding> certificate_finding(std::span<const certificate_sighting* const> seen,
                                           const std::vector<std::string>& silent, wall_time now);

} // namespace xprober
