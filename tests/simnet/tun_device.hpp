#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace simnet {

/// A TUN device of this process: what is routed to it waits here (request_tap hears it), and what
/// is written here comes out of it.
class tun_device {
public:
  /// Makes the device `name`, or takes one that is there without an owner. Throws
  /// std::system_error.
  explicit tun_device(const std::string& name);
  ~tun_device();
  tun_device(const tun_device&) = delete;
  tun_device& operator=(const tun_device&) = delete;

  /// Takes the next packet out of the device's queue; false if there is none now.
  bool discard() const noexcept;

  /// False if the device refused the packet.
  bool write(std::span<const std::uint8_t> packet) const noexcept;

private:
  int fd_ = -1;
};

} // namespace simnet
