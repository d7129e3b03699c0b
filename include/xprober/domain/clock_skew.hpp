#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>

namespace xprober {

/// How far an agent's clock is from this server's. What is seen of a batch is
/// `sent by the agent's clock - arrived by the server's`: the difference of the clocks less the way
/// here. The way is never shorter than nothing, so the largest of the last minutes is the
/// best guess; a batch that was held up somewhere does not disturb it. Where every batch of a
/// minute says less, the agent's clock was set back, and the largest of these counts. Arrivals are
/// by a clock of this server that does not step (`believed_clock`); where it does, one begins anew.
class clock_skew {
public:
  /// Samples are kept for one to two of these, and until there are others.
  static constexpr std::int64_t window_ms = 300'000;
  /// Samples that are lower by more than this are doubted, until so many have come in so long.
  static constexpr std::int64_t bearable_ms = 1000;
  static constexpr std::int64_t doubt_ms = 60'000;
  static constexpr int doubted_samples = 3;

  /// Both in ms since 1970; arrivals mostly in their order.
  void add(std::int64_t sent_ms, std::int64_t arrived_ms) noexcept {
    const auto window = arrived_ms / window_ms;
    if (window < number_ && window + 2 > number_) {
      return; // one that is read again
    }
    if (window != number_) {
      // Also after a long silence: what comes first then can have lain in a buffer.
      best_ = {unknown, best_[0]};
      number_ = window;
    }
    // What a liar sends must not overflow.
    constexpr auto most = std::int64_t{1} << 60U;
    const auto sample = std::clamp(sent_ms, -most, most) - std::clamp(arrived_ms, -most, most);
    const bool low = known() && sample < ms() - bearable_ms;
    best_[0] = std::max(best_[0], sample);
    if (!low) {
      low_samples_ = 0;
      return;
    }
    if (low_samples_ == 0) {
      low_since_ms_ = arrived_ms;
      low_best_ = sample;
    }
    low_samples_ = std::min(low_samples_ + 1, doubted_samples);
    low_best_ = std::max(low_best_, sample);
    if (low_samples_ == doubted_samples && arrived_ms >= low_since_ms_ + doubt_ms) {
      best_ = {low_best_, unknown};
      low_samples_ = 0;
    }
  }

  bool known() const noexcept { return best_[0] != unknown || best_[1] != unknown; }

  /// How much the agent's clock is ahead, in ms; 0 where nothing is known.
  std::int64_t ms() const noexcept { return known() ? std::max(best_[0], best_[1]) : 0; }

private:
  static constexpr std::int64_t unknown = std::numeric_limits<std::int64_t>::min();

  std::array<std::int64_t, 2> best_{unknown, unknown}; ///< of this window, of the one before
  std::int64_t number_ = unknown + 1;
  int low_samples_ = 0; ///< in turn that were doubted; the others mean nothing without one
  std::int64_t low_since_ms_ = 0;
  std::int64_t low_best_ = unknown;
};

/// Clocks closer than this are taken for the same: times of probes stay as their agents say.
inline constexpr std::int64_t bearable_skew_ms = clock_skew::bearable_ms;

/// From so far from its server's on an agent's clock is off, and that is a fault of its own.
inline constexpr std::int64_t bad_clock_ms = 10'000;
constexpr bool is_bad_clock(std::int64_t ahead_ms) noexcept {
  return ahead_ms >= bad_clock_ms || ahead_ms <= -bad_clock_ms;
}
/// "600 s ahead of" or "600 s behind".
inline std::string clock_words(std::int64_t ahead_ms) {
  const auto seconds = ((ahead_ms < 0 ? -ahead_ms : ahead_ms) + 500) / 1000;
  return std::to_string(seconds) + (ahead_ms > 0 ? " s ahead of" : " s behind");
}

} // namespace xprober
