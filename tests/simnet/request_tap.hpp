#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "simnet/schedule.hpp"

namespace simnet {

/// Hears what the kernel sends out through a device, with the kernel's own time of it: however late
/// this process comes to a packet, the packet's time is right. A packet socket with a ring that is
/// shared with the kernel (packet(7), TPACKET_V2).
class request_tap {
public:
  struct heard {
    std::span<const std::uint8_t> packet; ///< from the IP header on; valid until `next` is called
    time_point at;                        ///< when the kernel gave it to the device
  };

  /// Listens at the device `name` of the process's network namespace; throws std::system_error.
  explicit request_tap(const std::string& name);
  ~request_tap();
  request_tap(const request_tap&) = delete;
  request_tap& operator=(const request_tap&) = delete;

  int fd() const noexcept { return fd_; }

  /// The next packet, nothing if there is none now.
  std::optional<heard> next();

  /// Sees to it that `next` gives times of the monotonic clock: to be called now and then, as the
  /// kernel's stamps are of the clock that can be set.
  void read_clocks() noexcept;

  /// Errors that poll(2) reports until somebody asks for them, such as that the device was down.
  void clear_errors() noexcept;

  /// Packets that found no room in the ring, or were cut off there.
  std::uint64_t lost() noexcept;

private:
  const std::uint8_t* frame(std::size_t place) const noexcept;
  void give_back() noexcept;

  int fd_ = -1;
  std::uint8_t* ring_ = nullptr;
  std::size_t place_ = 0;
  bool holds_ = false;         ///< the frame at `place_` is read by this tap's user
  nanoseconds since_epoch_{0}; ///< the settable clock at the monotonic clock's zero
  std::uint64_t lost_ = 0;
};

} // namespace simnet
