#pragma once

#include <cstddef>

#include "xprober/domain/clock.hpp"

namespace xprober::icmp {

/// Knows how long the sending of a message takes on this machine, and so whether a system call that
/// sent several was interrupted. When each message of an interrupted call left cannot be told: what
/// is spread evenly over the call would blame the network for the time the thread did not run.
class send_pace {
public:
  /// A call may take twice its usual time and this before it counts as interrupted: less than the
  /// error that is allowed to a round-trip time.
  static constexpr nanoseconds tolerance = std::chrono::microseconds{100};
  /// So many calls in a row that seem interrupted are the new usual time.
  static constexpr int calls_until_usual = 32;

  /// True if a call that took `duration` for `count` messages (at least 1) was not interrupted.
  bool undisturbed(nanoseconds duration, std::size_t count) noexcept {
    if (count == 0) {
      return true;
    }
    const auto messages = static_cast<std::int64_t>(count);
    const bool usual = each_.count() == 0 || duration <= each_ * messages * 2 + tolerance;
    in_a_row_ = usual ? 0 : in_a_row_ + 1;
    if (usual || in_a_row_ >= calls_until_usual) {
      const nanoseconds now = duration / messages;
      each_ = each_.count() == 0 || !usual ? now : each_ + (now - each_) / 16;
    }
    return usual;
  }

private:
  nanoseconds each_{0}; ///< usual time of a message, a moving mean; 0: nothing is known
  int in_a_row_ = 0;
};

} // namespace xprober::icmp
