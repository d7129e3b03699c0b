#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "xprober/domain/probe_result.hpp"

namespace xprober {

/// A mean of what was measured. In the seed's form a time or a rate below 0 says that there is
/// nothing to measure; such a value never enters.
class measured_mean {
public:
  void add(std::optional<float> value) noexcept {
    if (value && *value >= 0) {
      sum_ += static_cast<double>(*value);
      ++count_;
    }
  }

  /// Nothing without a single measured value.
  std::optional<double> value() const noexcept {
    if (count_ == 0) {
      return std::nullopt;
    }
    return sum_ / static_cast<double>(count_);
  }

private:
  double sum_ = 0;
  std::uint64_t count_ = 0;
};

/// Successes and failures of several probers. A success value above 0 is a success: the seed fails
/// with -1 (icmp) or 0 (http).
class success_count {
public:
  void add(std::optional<float> success) noexcept {
    if (success) {
      ++known_;
      failing_ += *success > 0 ? 0U : 1U;
    }
  }

  std::uint64_t known() const noexcept { return known_; }
  std::uint64_t failing() const noexcept { return failing_; }

  /// False as long as one succeeds or nothing is known.
  bool all_fail() const noexcept { return known_ > 0 && failing_ == known_; }

private:
  std::uint64_t known_ = 0;
  std::uint64_t failing_ = 0;
};

/// The targets of one (source region, target region) pair, each as each agent saw it.
struct icmp_aggregate {
  measured_mean latency_ms;
  measured_mean drop_rate; ///< percent
  success_count successes;

  /// 1, or -1 if every target fails.
  int success() const noexcept { return successes.all_fail() ? -1 : 1; }
};

/// One URL as the agents of one source region saw it.
struct http_aggregate {
  std::array<measured_mean, http_phase_count> phases_ms;
  success_count successes;

  /// 1, or 0 if every agent fails.
  int success() const noexcept { return successes.all_fail() ? 0 : 1; }
};

} // namespace xprober
