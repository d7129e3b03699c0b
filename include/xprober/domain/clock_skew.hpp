#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

namespace xprober {

/// How far an agent's clock is from this server's. What is seen of a batch is
/// `sent by the agent's clock - arrived by the server's`: the difference of the clocks less the way
/// here. The way is never shorter than nothing, so the largest of the last minutes is the
/// best guess; a batch that was held up somewhere does not disturb it. Arrivals are by a clock of
/// this server that does not step (`believed_clock`); where it does, one begins anew.
class clock_skew {
public:
  /// Samples are kept for one to two of these.
  static constexpr std::int64_t window_ms = 300'000;
  /// Nothing is under way for so long.
  static constexpr std::int64_t longest_way_ms = 600'000;

  /// Both in ms since 1970; arrivals mostly in their order.
  void add(std::int64_t sent_ms, std::int64_t arrived_ms) noexcept {
    const auto window = arrived_ms / window_ms;
    if (window < number_ && window + 2 > number_) {
      return; // one that is read again
    }
    if (window != number_) {
      const bool next = window == number_ + 1;
      best_ = {unknown, next ? best_[0] : unknown};
      number_ = window;
    }
    // What a liar sends must not overflow.
    constexpr auto most = std::int64_t{1} << 60U;
    const auto sample = std::clamp(sent_ms, -most, most) - std::clamp(arrived_ms, -most, most);
    if (known() && sample < ms() - longest_way_ms) {
      best_ = {unknown, unknown}; // the agent's clock was set back
    }
    best_[0] = std::max(best_[0], sample);
  }

  bool known() const noexcept { return best_[0] != unknown || best_[1] != unknown; }

  /// How much the agent's clock is ahead, in ms; 0 where nothing is known.
  std::int64_t ms() const noexcept { return known() ? std::max(best_[0], best_[1]) : 0; }

private:
  static constexpr std::int64_t unknown = std::numeric_limits<std::int64_t>::min();

  std::array<std::int64_t, 2> best_{unknown, unknown}; ///< of this window, of the one before
  std::int64_t number_ = unknown + 1;
};

/// Clocks closer than this are taken for the same: times of probes stay as their agents say.
inline constexpr std::int64_t bearable_skew_ms = 1000;

} // namespace xprober
