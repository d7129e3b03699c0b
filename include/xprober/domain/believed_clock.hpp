#pragma once

#include <cstdint>

#include "xprober/domain/clock.hpp"

namespace xprober {

/// Wall time that no passing step carries away. The machine's wall clock is compared with the time
/// since its boot, which never steps: where their difference changes at once by a second or more,
/// somebody has set the clock. For a minute it goes on as if that had not been, and if it was set
/// back meanwhile, it has not been. Then it is believed, and what was compared with the old clock
/// means nothing any more (`steps`). Slow corrections are followed.
class believed_clock {
public:
  static constexpr milliseconds patience{60'000};
  static constexpr milliseconds smallest_step{1000};

  /// What time it is, from both clocks. Reads mostly come in order.
  wall_time now(wall_time wall, nanoseconds since_boot) noexcept {
    const auto offset = wall.time_since_epoch() - since_boot;
    if (!known_ || is_near(offset, offset_)) {
      offset_ = offset;
      known_ = true;
      doubted_ = false;
      return wall;
    }
    if (!doubted_ || !is_near(offset, other_)) {
      doubted_ = true;
      since_ = since_boot;
    }
    other_ = offset;
    if (since_boot - since_ >= patience) {
      offset_ = offset;
      doubted_ = false;
      ++steps_;
      return wall;
    }
    return wall_time{std::chrono::duration_cast<wall_clock::duration>(offset_ + since_boot)};
  }

  /// How often another time was believed.
  std::uint64_t steps() const noexcept { return steps_; }
  /// The wall clock says something else now.
  bool is_doubting() const noexcept { return doubted_; }

private:
  static bool is_near(nanoseconds a, nanoseconds b) noexcept {
    return (a < b ? b - a : a - b) < smallest_step;
  }

  nanoseconds offset_{0}; ///< wall time less the time since the boot, as believed
  nanoseconds other_{0};  ///< as the clock says since `since_`
  nanoseconds since_{0};
  std::uint64_t steps_ = 0;
  bool known_ = false;
  bool doubted_ = false;
};

} // namespace xprober
