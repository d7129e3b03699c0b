#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "xprober/domain/probe_result.hpp"
#include "xprober/domain/wire/series_check.hpp"
#include "xprober/domain/wire/wire.hpp"
#include "xprober/store/store_kinds.hpp"

// What the store makes of values in the old form: which column they are of, whether they can be
// taken, and which of them are of one probe.

namespace xprober {

/// A metric of the old form, found by its name.
struct metric_place {
  const probe_kind* kind = nullptr; ///< built in
  std::size_t column = 0;
  std::size_t cell = 0;
  kind_number number = no_kind;

  bool is_success() const noexcept { return cell == 0; }
};

/// Nothing for a name that no built-in kind has for a column that is kept.
std::optional<metric_place> find_metric(std::string_view name) noexcept;

/// A time as it is held in a row: seconds since 1970, 0 where the wire has none that fits (from
/// 1970 to 2106).
std::uint32_t to_stamp(std::int64_t unix_seconds) noexcept;

/// The values of one probe by the cells of its kind, those that were sent. All of one probe were
/// measured together: what a newer probe does not have is not known any more.
struct probe_values {
  std::array<std::uint32_t, max_cells> cells{}; ///< as `column_values` holds them
  std::uint32_t unix_seconds = 0;               ///< the agent's stamp, see `to_stamp`
  kind_number kind = no_kind;
  std::uint8_t present = 0; ///< bit n: cell n was sent

  bool has(std::size_t cell) const noexcept { return ((present >> cell) & 1U) != 0; }
  /// The number in a cell that is no whole one.
  std::optional<float> get(std::size_t cell) const noexcept {
    return has(cell) ? std::optional{std::bit_cast<float>(cells[cell])} : std::nullopt;
  }
  void set_bits(std::size_t cell, std::uint32_t bits) noexcept {
    cells[cell] = bits;
    present = static_cast<std::uint8_t>(present | (1U << cell));
  }
  void set(std::size_t cell, float value) noexcept {
    set_bits(cell, std::bit_cast<std::uint32_t>(value));
  }
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(std::popcount(present)); }

  bool operator==(const probe_values&) const = default;
};
static_assert(sizeof(probe_values) == 40);

/// What a probe measured by the cells of its kind, whose number is `number`; empty for the prober's
/// own fault. As many as `count_values` says.
probe_values cells_of(const stored_kind& kind, kind_number number, probe_state state,
                      const column_values& values, std::int64_t unix_seconds) noexcept;

/// The inverse for what stands in a row, without the success.
column_values columns_of(const probe_kind& kind, const probe_values& values) noexcept;

/// Why a value cannot be stored although its series could (see `check_series`); empty if it can.
std::string_view check_number(const wire_value& value) noexcept;

/// True if both are of the same agent and target.
bool same_series(const wire_value& a, const wire_value& b) noexcept;

/// Adds a value to those of one probe; false (and nothing is changed) if it is of another probe.
///
/// Values of one probe stand together in a batch. A metric that is there already belongs to the
/// next probe, and so does a metric of another kind or a stamp that is too far away. Stamps of one
/// probe can differ a little: Go agents stamp each value of an icmp probe by itself, and the time
/// to resolve a name for http when the name is resolved, while the others carry the time at which
/// the probe began.
bool add_to_probe(probe_values& probe, const metric_place& metric, std::int64_t unix_seconds,
                  float value) noexcept;

/// Puts the values of a probe in the place of those that are held; false if they bring nothing new:
/// the same again, or an older probe that arrived late. `silent`: nothing new has come for so long
/// that older stamps mean that the agent's clock was set back.
bool merge_probe(probe_values& held, const probe_values& got, bool silent) noexcept;

} // namespace xprober
