#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "xprober/domain/kind.hpp"
#include "xprober/domain/kind_shape.hpp"

// What becomes of a kind's columns outside: how many values a probe counts as, and the metrics that
// they are under.

namespace xprober {

/// So many values a server has of a probe: its success, the kept columns that were measured, and
/// those that stand for one in the old form (`old_missing`). 0 for the prober's own fault.
std::uint32_t count_values(const kind_shape& shape, probe_state state,
                           const column_values& values) noexcept;

/// True if a kept column that was not measured has a value in the old form: `old_missing`.
bool has_stand_in(const probe_kind& kind, std::size_t column, const column_values& values) noexcept;

/// How long a whole probe took, in seconds: a metric of every kind and no column's.
inline constexpr std::string_view probe_duration_metric = "probe_duration_seconds";

/// A metric that the values of a column are under.
struct kind_series {
  std::size_t column = 0;
  bool conventional = false; ///< else it is the old name
  std::string_view name;     ///< of the kind's
  std::string_view phase;    ///< its label `phase`; empty: none
  double scale = 1;          ///< by what a value is divided
};

/// The metrics of a kind in the order of its columns, the old name before the conventional one:
/// old names, and conventional ones of what a server keeps. A kind can come from elsewhere, so each
/// (name, phase) stands once, and no name that means something else: `xprober_…` but
/// `xprober_probe_…`, `process_…`, an old name of a built-in kind's, one of its conventional names
/// as an old one.
std::vector<kind_series> series_of(const probe_kind& kind);

} // namespace xprober
