#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace simnet {

/// A TUN device of this process: what is routed to it can be read here, and what is written here
/// comes out of it.
class tun_device {
public:
  /// Makes the device `name`, or takes one that is there without an owner. Throws
  /// std::system_error.
  explicit tun_device(const std::string& name);
  ~tun_device();
  tun_device(const tun_device&) = delete;
  tun_device& operator=(const tun_device&) = delete;

  int fd() const noexcept { return fd_; }

  /// The next packet's size, 0 if there is none now.
  std::size_t read(std::span<std::uint8_t> into) const noexcept;

  /// False if the device refused the packet.
  bool write(std::span<const std::uint8_t> packet) const noexcept;

private:
  int fd_ = -1;
};

} // namespace simnet
