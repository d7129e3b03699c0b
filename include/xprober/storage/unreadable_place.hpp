#pragma once

#include <chrono>
#include <cstdint>

#include "xprober/domain/clock.hpp"

namespace xprober::storage {

/// Tells a place of a file that can never be read from one that could not be read for a moment, as
/// on a network disk. Of several places the first one is watched.
class unreadable_place {
public:
  /// After so long a place counts as damaged.
  static constexpr std::chrono::seconds patience{30};

  /// It could not be read. True: nor could it all the time since.
  bool failed(std::int64_t offset, monotonic_time now) noexcept {
    if (offset_ < 0) {
      offset_ = offset;
      since_ = now;
    }
    return offset == offset_ && now - since_ >= patience;
  }

  void was_read(std::int64_t offset) noexcept {
    if (offset == offset_) {
      offset_ = -1;
    }
  }

private:
  std::int64_t offset_ = -1; ///< negative: none
  monotonic_time since_{};
};

} // namespace xprober::storage
