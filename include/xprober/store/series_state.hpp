#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xprober {

/// How a target is doing as one agent sees it.
enum class series_state : std::uint8_t {
  never,        ///< wanted, and no result yet
  ok,           ///< the last probe succeeded, without loss and not slower than usual by far
  degraded,     ///< it succeeded with some loss, or was slower than its own usual by far
  failing,      ///< it failed
  prober_fault, ///< the prober itself failed: nothing is known of the target
  stale,        ///< results have stopped although it is wanted
};
inline constexpr std::size_t series_state_count = 6;

/// "ok", "prober_fault", ...
std::string_view to_string(series_state state) noexcept;

/// The state of a series with what led to it.
struct series_status {
  series_state state = series_state::never;
  std::uint32_t streak = 0; ///< results in a row in this state; 65,535 at most
  std::uint32_t since_unix =
      0; ///< when the first of them ended, by the agent's clock; 0: not known
  // Of the last probe that did not succeed; empty: there was none.
  std::string reason{}; ///< the error's name, e.g. "refused"
  std::string phase{};  ///< that it did not get through; may be empty
  std::string detail{}; ///< the sentence; may be empty
  std::uint32_t failed_unix = 0;
  /// What its time is usually, in ms; 0: not known yet.
  float usual_ms = 0;

  bool operator==(const series_status&) const = default;
};

/// One result of a series.
struct past_result {
  std::uint32_t unix_seconds = 0; ///< by the agent's clock; 0: not known
  series_state state = series_state::ok;
  std::optional<float> time_ms{}; ///< what the probe is about; nothing where it was not measured
  float loss_percent = 0;
  std::string reason{}; ///< of one that did not succeed, as the others
  std::string phase{};
  std::string detail{};

  bool operator==(const past_result&) const = default;
};

/// Failures of a series one after the other that say the same.
struct failure_run {
  std::uint32_t from_unix = 0; ///< of the first, by the agent's clock; 0: not known
  std::uint32_t to_unix = 0;   ///< of the last
  std::uint32_t results = 0;
  series_state state = series_state::failing; ///< or `prober_fault`
  std::string reason{};
  std::string phase{};
  std::string detail{}; ///< the first one's sentence

  bool operator==(const failure_run&) const = default;
};

} // namespace xprober
