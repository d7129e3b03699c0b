#pragma once

#include <cstdint>
#include <optional>

#include "xprober/domain/kind.hpp"
#include "xprober/store/series_change.hpp"
#include "xprober/store/series_state.hpp"
#include "xprober/store/store_slots.hpp"

namespace xprober {

/// What one result says of its series, beside its failure's texts.
struct series_result {
  probe_state state = probe_state::ok;
  float loss_percent = 0;
  std::optional<float> time_ms{}; ///< what the probe is about; nothing where it was not measured
  std::uint32_t unix_seconds = 0; ///< 0: without a stamp
};

/// What a store remembers of a series beyond its last probe.
///
/// A time is slower than usual by far when it is more than three times as long, more than eight
/// deviations above it (twice what RFC 6298 gives a retransmission) and 25 ms above it, which a
/// busy machine at either end makes. Usual is a running mean of what is not slow, over some 32
/// results; what stays slow becomes usual within 256 of them, an hour at the usual period.
struct series_memory {
  series_state state = series_state::never;
  std::uint8_t chain : 3 = 0;   ///< the store's own
  std::uint8_t bad_run : 5 = 0; ///< results in a row that are degraded or failing: see `sight`
  std::uint16_t streak = 0;
  std::uint32_t since_unix = 0;
  std::uint32_t failed_unix = 0; ///< of the last probe that did not succeed
  slot failure = no_slot;        ///< of that one: a number of `store_failures`
  float usual_ms = 0;            ///< 0: not known
  float deviation_ms = 0;

  /// Takes a result into account, one that is newer than all before it.
  void note(const series_result& result) noexcept;
  /// Results have stopped, `unix_seconds` after the last one.
  void note_silence(std::uint32_t unix_seconds) noexcept;

  /// What it says to verdicts. What degrades and fails in turn has been degraded all the time, and
  /// fails for as long as it fails.
  series_sight sight() const noexcept;
  /// As it was kept: of what it was before the state began nothing is known.
  void restore(series_state kept, std::uint32_t results) noexcept;

private:
  void enter(series_state next, std::uint32_t unix_seconds) noexcept;
  bool is_slow(float ms) const noexcept;
  void learn(float ms, bool slow) noexcept;
};
static_assert(sizeof(series_memory) == 24);

} // namespace xprober
