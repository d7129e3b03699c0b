#include "xprober/store/series_memory.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace xprober {

namespace {

constexpr float slow_factor = 3;
constexpr float slow_deviations = 8;
constexpr float slow_least_ms = 25;
constexpr float usual_gain = 1.0F / 32;
constexpr float deviation_gain = 1.0F / 16;
constexpr float slow_gain = 1.0F / 256;
/// Longer runs are all the same to verdicts (`longest_run`).
constexpr std::uint8_t most_run = 20;

bool is_bad(series_state state) noexcept {
  return state == series_state::degraded || state == series_state::failing;
}

} // namespace

void series_memory::note(const series_result& result) noexcept {
  auto next = series_state::failing;
  if (result.state == probe_state::own_fault) {
    next = series_state::prober_fault;
  } else if (result.state == probe_state::ok) {
    const bool slow = result.time_ms && is_slow(*result.time_ms);
    next = slow || result.loss_percent > 0 ? series_state::degraded : series_state::ok;
    if (result.time_ms) {
      learn(*result.time_ms, slow);
    }
  }
  if (result.state != probe_state::ok) {
    failed_unix = result.unix_seconds;
  }
  enter(next, result.unix_seconds);
}

void series_memory::note_silence(std::uint32_t unix_seconds) noexcept {
  enter(series_state::stale, unix_seconds);
}

void series_memory::enter(series_state next, std::uint32_t unix_seconds) noexcept {
  if (state != next) {
    state = next;
    since_unix = unix_seconds;
    streak = 0;
  }
  if (streak < std::numeric_limits<std::uint16_t>::max()) {
    ++streak;
  }
  bad_run = is_bad(next) ? std::min<std::uint8_t>(bad_run + 1, most_run) : 0;
}

void series_memory::restore(series_state kept, std::uint32_t results) noexcept {
  state = kept;
  streak = static_cast<std::uint16_t>(
      std::min<std::uint32_t>(results, std::numeric_limits<std::uint16_t>::max()));
  bad_run =
      is_bad(kept) ? static_cast<std::uint8_t>(std::min<std::uint32_t>(results, most_run)) : 0;
}

bool series_memory::is_slow(float ms) const noexcept {
  return usual_ms > 0 && ms > slow_factor * usual_ms &&
         ms > usual_ms + slow_deviations * deviation_ms && ms > usual_ms + slow_least_ms;
}

void series_memory::learn(float ms, bool slow) noexcept {
  if (!(ms > 0)) {
    return;
  }
  if (usual_ms <= 0) {
    usual_ms = ms;
    deviation_ms = ms / 2;
    return;
  }
  const auto off = ms - usual_ms;
  usual_ms += off * (slow ? slow_gain : usual_gain);
  if (!slow) {
    deviation_ms += (std::fabs(off) - deviation_ms) * deviation_gain;
  }
}

series_sight series_memory::sight() const noexcept {
  switch (state) {
  case series_state::degraded: return {state, bad_run};
  case series_state::failing:
    return {state, static_cast<std::uint8_t>(std::min<std::uint16_t>(streak, most_run))};
  default: return {state, 0};
  }
}

} // namespace xprober
