#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

namespace xprober {

/// Quantiles of the last minute, in the unit of the member's name.
struct latency_quantiles {
  double p50 = 0;
  double p99 = 0;
  double max = 0;
};

using counter_value =
    std::variant<std::uint64_t, std::int64_t, double, bool, std::string_view, latency_quantiles>;

enum class counter_type : std::uint8_t {
  total, ///< only rises from the start on
  now,   ///< as it is now
};

inline constexpr auto as_gauge = counter_type::now;

/// A number of a section of `/stats`, described once and beside what counts it: `/stats`,
/// `/metrics` and docs/counters.md are made from these.
template <class Section>
struct counter {
  std::string_view name; ///< in its section of `/stats`, "a.b" for b below a; empty: not there
  counter_value (*value)(const Section&) = nullptr;
  std::string_view metric{}; ///< in `/metrics` behind "xprober_"; empty: not there
  std::string_view help{};   ///< a sentence for `/metrics` and the documents
  counter_type type = counter_type::total;
  double scale = 1; ///< by which `/metrics` multiplies it: 0.001 makes seconds of ms
};

/// Reads a member of a section, or one of a member of it.
template <class Section, auto... Path>
counter_value count_of(const Section& section) {
  return (section.*....*Path);
}

} // namespace xprober
