#include "xprober/probes/icmp/echo_tag.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <sys/random.h>
#include <xxhash.h>

namespace xprober::icmp {

namespace {

constexpr std::size_t signed_size = 16;

/// The words of a tag as they lie on the wire. Only this process reads them back, so they have
/// the machine's byte order.
struct wire_tag {
  std::uint32_t slot;
  std::uint32_t generation;
  std::uint32_t number;
  std::uint32_t zero;
  std::uint64_t check;
};
static_assert(sizeof(wire_tag) == echo_tag_size);

} // namespace

tag_signer::tag_signer() : secret_{} {
  static_assert(sizeof(secret) >= XXH3_SECRET_SIZE_MIN);
  // Up to 256 bytes are never interrupted once the kernel's pool is initialised: getrandom(2).
  while (getrandom(secret_.data(), secret_.size(), 0) != static_cast<ssize_t>(secret_.size())) {
    if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "cannot get random bytes");
    }
  }
}

void tag_signer::write(const echo_tag& tag,
                       std::span<std::uint8_t, echo_tag_size> out) const noexcept {
  wire_tag wire{tag.slot, tag.generation, tag.number, 0, 0};
  wire.check = XXH3_64bits_withSecret(&wire, signed_size, secret_.data(), secret_.size());
  std::memcpy(out.data(), &wire, sizeof(wire));
}

std::optional<echo_tag> tag_signer::read(std::span<const std::uint8_t> payload) const noexcept {
  if (payload.size() < echo_tag_size) {
    return std::nullopt;
  }
  wire_tag wire;
  std::memcpy(&wire, payload.data(), sizeof(wire));
  if (wire.check != XXH3_64bits_withSecret(&wire, signed_size, secret_.data(), secret_.size())) {
    return std::nullopt;
  }
  return echo_tag{wire.slot, wire.generation, wire.number};
}

} // namespace xprober::icmp
