#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "xprober/domain/probe_result.hpp"
#include "xprober/domain/wire/wire.hpp"

// What the store makes of values in the seed's form: which metric they are, whether they can be
// taken, and which of them are of one probe.

namespace xprober {

/// Where a metric stands in `probe_values`: the success first, then what was measured.
namespace metric_index {
inline constexpr std::size_t success = 0;
inline constexpr std::size_t ping_latency = 1;
inline constexpr std::size_t ping_drop_rate = 2;
/// The five phases of http, in their order.
inline constexpr std::size_t first_http_phase = 1;
inline constexpr std::size_t count = first_http_phase + http_phase_count;
} // namespace metric_index

/// A metric of the seed's, found by its name.
struct metric_place {
  probe_type type = probe_type::icmp;
  std::size_t index = metric_index::success;
};

/// Nothing for a name that is none of `metric_names`.
std::optional<metric_place> find_metric(std::string_view name) noexcept;

/// The values of one probe, those that were sent. All of one probe were measured together: what a
/// newer probe does not have is not known any more.
struct probe_values {
  std::array<float, metric_index::count> values{};
  std::uint8_t present = 0;           ///< bit n: `values[n]` was sent
  probe_type type = probe_type::icmp; ///< whose metrics they are
  std::int64_t unix_seconds =
      0; ///< the agent's stamp, of the success where there is one; <= 0: none

  bool has(std::size_t index) const noexcept { return ((present >> index) & 1U) != 0; }
  std::optional<float> get(std::size_t index) const noexcept {
    return has(index) ? std::optional{values[index]} : std::nullopt;
  }
  void set(std::size_t index, float value) noexcept {
    values[index] = value;
    present = static_cast<std::uint8_t>(present | (1U << index));
  }
  std::uint32_t size() const noexcept;

  bool operator==(const probe_values&) const = default;
};

/// Why a value's series cannot be stored, for people; empty if it can. Looks at everything but the
/// metric and the number.
std::string_view check_series(const wire_value& value) noexcept;

/// Why a value cannot be stored although its series could; empty if it can.
std::string_view check_number(const wire_value& value) noexcept;

/// True if both are of the same agent and target.
bool same_series(const wire_value& a, const wire_value& b) noexcept;

/// Adds a value to those of one probe; false (and nothing is changed) if it is of another probe.
///
/// Values of one probe stand together in a batch. A metric that is there already belongs to the
/// next probe, and so does a metric of the other type or a stamp that is too far away. Stamps of
/// one probe can differ a little: the seed stamps each value of an icmp probe by itself, and the
/// time to resolve a name for http when the name is resolved, while the others carry the time at
/// which the probe began.
bool add_to_probe(probe_values& probe, const metric_place& metric, std::int64_t unix_seconds,
                  float value) noexcept;

/// Puts the values of a probe in the place of those that are held; false if they bring nothing new:
/// the same again, or an older probe that arrived late. `silent`: nothing new has come for so long
/// that older stamps mean that the agent's clock was set back.
bool merge_probe(probe_values& held, const probe_values& got, bool silent) noexcept;

} // namespace xprober
