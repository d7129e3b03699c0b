#pragma once

#include <algorithm>
#include <cstdint>

namespace xprober::icmp {

/// What the kernel says of a socket's receive buffer (SO_MEMINFO).
struct socket_memory {
  std::uint32_t queued = 0; ///< bytes that wait to be received, with the kernel's overhead
  std::uint32_t limit = 0;  ///< bytes above which packets are dropped
  std::uint32_t drops = 0;  ///< packets dropped for any reason since the opening; wraps
};

/// Tells drops for want of space from others. The kernel has one count for both: a raw IPv6 socket
/// also counts packets with a wrong checksum, which anybody can send, and which must not make real
/// loss look like the prober's own fault. A buffer that overflowed was full when it was next looked
/// at, or had been full the time before.
class drop_watch {
public:
  struct news {
    std::uint32_t overflowed = 0; ///< packets dropped because the buffer was full
    std::uint32_t refused = 0;    ///< packets dropped though there was room
  };

  /// To be called before the socket is read, when the buffer is as full as it gets.
  news note(const socket_memory& now) noexcept {
    const std::uint32_t fullest = std::max(now.queued, queued_before_);
    queued_before_ = now.queued;
    const std::uint32_t added = now.drops - drops_seen_;
    drops_seen_ = now.drops;
    return fullest >= now.limit / 2 ? news{added, 0} : news{0, added};
  }

private:
  std::uint32_t drops_seen_ = 0;
  std::uint32_t queued_before_ = 0;
};

} // namespace xprober::icmp
