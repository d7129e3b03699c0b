#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/history/quantile_sketch.hpp"
#include "xprober/domain/kind_shape.hpp"
#include "xprober/domain/wire/bytes.hpp"

namespace xprober {

/// What history keeps of one probe, from whichever wire it came.
struct measured_probe {
  std::optional<bool> success;
  std::optional<float> value_ms; ///< see `headline_ms`
  std::optional<float> loss_percent;
  column_values phases_ms; ///< numbered by the phases of its kind, in their order
  std::size_t phases = 0;  ///< so many its kind has

  bool empty() const noexcept { return !success && !value_ms && !loss_percent; }
};

/// Nothing measured for a probe that says nothing of its target. Values below 0 are none.
measured_probe measured(const kind_shape& shape, probe_state state,
                        const column_values& values) noexcept;

/// A sum of measured values in fixed point, so that it is the same in every order: units of 1e-6.
/// Values are cut to 0 to 1e7; the sum stops at its end instead of wrapping.
struct fixed_sum {
  std::uint64_t count = 0;
  std::int64_t sum = 0;

  void add(float value) noexcept;
  void merge(const fixed_sum& other) noexcept;
  std::optional<double> mean() const noexcept;

  bool operator==(const fixed_sum&) const = default;
};

/// What probes of one region pair or address within one stretch of time came to. Roll-ups of parts
/// merged are the roll-up of the whole, to the bit.
struct rollup {
  std::uint64_t probes = 0; ///< those whose success is known
  std::uint64_t succeeded = 0;
  fixed_sum value_ms;     ///< see `headline_ms`
  std::int64_t least = 0; ///< of `value_ms`, in its units; 0 without values
  std::int64_t most = 0;
  quantile_sketch values;
  fixed_sum loss_percent;
  std::vector<fixed_sum> phases_ms; ///< by the phases of its kind, in their order

  void add(const measured_probe& probe);
  void merge(const rollup& other);

  double min_ms() const noexcept;
  double max_ms() const noexcept;
  /// Within [min, max], which the sketch alone does not keep to.
  double quantile_ms(double q) const noexcept;

  /// Varints: probes, succeeded; a byte (1: values, 2: loss, 4: phases); of what is there: values
  /// as count, sum, least, most and the sketch; loss as count and sum; the number of phases and
  /// each likewise.
  std::string encode() const;
  /// Nothing where the bytes are no roll-up, or one that no probes come to: more succeeded than
  /// there were, the least above the most, a sketch of other values.
  static std::optional<rollup> decode(std::string_view bytes);

  bool operator==(const rollup&) const = default;
};

} // namespace xprober
