#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "xprober/domain/probe_result.hpp"

namespace xprober {

/// A sum of floats in fixed point of 2^-40, so that what was added can be taken away again without
/// a trace, in any order, however often. 2^60 is the largest that enters: 2^27 such fit.
class exact_sum {
public:
  void add(float value) noexcept { sum_ += fixed(value); }
  void remove(float value) noexcept { sum_ -= fixed(value); }
  void add(const exact_sum& other) noexcept { sum_ += other.sum_; }
  void remove(const exact_sum& other) noexcept { sum_ -= other.sum_; }
  double value() const noexcept { return static_cast<double>(sum_) / scale; }

private:
  __extension__ using number = __int128;
  static constexpr double scale = 0x1p40;
  static constexpr double largest = 0x1p60;

  static number fixed(float value) noexcept {
    return static_cast<number>(std::clamp(static_cast<double>(value), -largest, largest) * scale);
  }

  number sum_ = 0;
};

/// A mean of what was measured. In the seed's form a time or a rate below 0 says that there is
/// nothing to measure; such a value never enters.
class measured_mean {
public:
  void add(std::optional<float> value) noexcept {
    if (value && *value >= 0) {
      sum_.add(*value);
      ++count_;
    }
  }
  /// Undoes one `add` of the same value.
  void remove(std::optional<float> value) noexcept {
    if (value && *value >= 0) {
      sum_.remove(*value);
      --count_;
    }
  }
  void add(const measured_mean& part) noexcept {
    sum_.add(part.sum_);
    count_ += part.count_;
  }
  /// Undoes all that `part` added, which was added here, too.
  void remove(const measured_mean& part) noexcept {
    sum_.remove(part.sum_);
    count_ -= part.count_;
  }

  /// Nothing without a single measured value.
  std::optional<double> value() const noexcept {
    if (count_ == 0) {
      return std::nullopt;
    }
    return sum_.value() / static_cast<double>(count_);
  }

private:
  exact_sum sum_;
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
  void remove(std::optional<float> success) noexcept {
    if (success) {
      --known_;
      failing_ -= *success > 0 ? 0U : 1U;
    }
  }
  void add(const success_count& part) noexcept {
    known_ += part.known_;
    failing_ += part.failing_;
  }
  void remove(const success_count& part) noexcept {
    known_ -= part.known_;
    failing_ -= part.failing_;
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
  std::uint64_t rows = 0; ///< targets as agents saw them

  void add(const icmp_aggregate& part) noexcept {
    latency_ms.add(part.latency_ms);
    drop_rate.add(part.drop_rate);
    successes.add(part.successes);
    rows += part.rows;
  }
  void remove(const icmp_aggregate& part) noexcept {
    latency_ms.remove(part.latency_ms);
    drop_rate.remove(part.drop_rate);
    successes.remove(part.successes);
    rows -= part.rows;
  }

  /// 1, or -1 if every target fails.
  int success() const noexcept { return successes.all_fail() ? -1 : 1; }
};

/// One URL as the agents of one source region saw it.
struct http_aggregate {
  std::array<measured_mean, http_phase_count> phases_ms;
  success_count successes;
  std::uint64_t rows = 0; ///< agents, and regions that the URL stands under

  void add(const http_aggregate& part) noexcept {
    for (std::size_t i = 0; i < http_phase_count; ++i) {
      phases_ms[i].add(part.phases_ms[i]);
    }
    successes.add(part.successes);
    rows += part.rows;
  }
  void remove(const http_aggregate& part) noexcept {
    for (std::size_t i = 0; i < http_phase_count; ++i) {
      phases_ms[i].remove(part.phases_ms[i]);
    }
    successes.remove(part.successes);
    rows -= part.rows;
  }

  /// 1, or 0 if every agent fails.
  int success() const noexcept { return successes.all_fail() ? 0 : 1; }
};

} // namespace xprober
