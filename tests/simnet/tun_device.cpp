#include "simnet/tun_device.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace simnet {

tun_device::tun_device(const std::string& name) {
  if (name.empty() || name.size() >= IFNAMSIZ) {
    throw std::system_error(EINVAL, std::generic_category(), "no device name: " + name);
  }
  fd_ = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  if (fd_ < 0 || ioctl(fd_, TUNSETIFF, &request) != 0) {
    const int error = errno;
    close(fd_);
    throw std::system_error(error, std::generic_category(), "cannot make the TUN device " + name);
  }
}

tun_device::~tun_device() { close(fd_); }

bool tun_device::discard() const noexcept {
  // A TUN device cuts what does not fit, and the packet is gone.
  std::uint8_t first = 0;
  return ::read(fd_, &first, sizeof(first)) > 0;
}

bool tun_device::write(std::span<const std::uint8_t> packet) const noexcept {
  return ::write(fd_, packet.data(), packet.size()) == static_cast<ssize_t>(packet.size());
}

} // namespace simnet
