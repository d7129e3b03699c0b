#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "xprober/domain/kind.hpp"
#include "xprober/store/series_state.hpp"

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
  // Aligned to half of its size: a mean takes 24 bytes then, not 32.
  __extension__ using number __attribute__((aligned(8))) = __int128;
  static constexpr double scale = 0x1p40;
  static constexpr double largest = 0x1p60;

  static number fixed(float value) noexcept {
    return static_cast<number>(std::clamp(static_cast<double>(value), -largest, largest) * scale);
  }

  number sum_ = 0;
};

/// A mean of what was measured. In the old form a time or a rate below 0 says that there is nothing
/// to measure; such a value never enters.
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

/// Successes and failures of several probers. A success value above 0 is a success: what a failure
/// is told by, 0 or below, is the kind's.
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

  std::uint32_t known() const noexcept { return known_; }
  std::uint32_t failing() const noexcept { return failing_; }

  /// False as long as one succeeds or nothing is known.
  bool all_fail() const noexcept { return known_ > 0 && failing_ == known_; }

private:
  std::uint32_t known_ = 0;
  std::uint32_t failing_ = 0;
};

/// The columns of a kind whose means a server keeps up: kept, and of a role that is added up. In
/// their order.
std::vector<std::size_t> mean_columns(const probe_kind& kind);

/// What the results of one group come to: of a pair of regions or of an address, as the kind says,
/// each target as each agent saw it.
struct group_sums {
  success_count successes;
  /// Targets as agents saw them, with a result that is not too old; 0: what is there has none.
  std::uint32_t rows = 0;
  std::array<std::uint32_t, series_state_count> states{}; ///< series in each state
  /// Of the kind's `mean_columns`, in their order. Of a pair one more behind them: what the time of
  /// each is usually, where it is known (see `series_status`).
  std::vector<measured_mean> means;

  bool empty() const noexcept;

  /// Of a group of the same kind.
  void add(const group_sums& part);
  void remove(const group_sums& part);

  /// 1, or what the kind tells a failure by where everything fails.
  double success(const probe_kind& kind) const noexcept {
    return successes.all_fail() ? static_cast<double>(kind.failed) : 1;
  }
};

} // namespace xprober
