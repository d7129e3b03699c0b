#pragma once

#include <chrono>
#include <cstddef>

namespace xprober::net {

/// Decides how long a peer may take to send one message: a minimum of bytes in every window. A peer
/// that sends a byte now and then (slowloris) is out after one window, one on a slow line is not.
class progress_deadline {
public:
  using clock = std::chrono::steady_clock;

  /// Bytes that a window must bring to be followed by another: 2 KiB/s over 30 s.
  static constexpr std::size_t bytes_per_window = 64 * 1024;

  explicit progress_deadline(std::chrono::milliseconds window) : window_(window) {}

  /// A message begins.
  void begin(clock::time_point now) noexcept {
    deadline_ = now + window_;
    bytes_ = 0;
  }

  /// Bytes of it have come.
  void received(std::size_t bytes, clock::time_point now) noexcept {
    bytes_ += bytes;
    if (bytes_ >= bytes_per_window) {
      begin(now);
    }
  }

  /// How long the next read may take; zero or less when time is up.
  std::chrono::milliseconds left(clock::time_point now) const noexcept {
    return std::chrono::ceil<std::chrono::milliseconds>(deadline_ - now);
  }

private:
  std::chrono::milliseconds window_;
  clock::time_point deadline_{};
  std::size_t bytes_ = 0;
};

} // namespace xprober::net
