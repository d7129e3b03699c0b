#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace xprober::icmp {

/// Bytes of a tag on the wire: slot, generation, number, a zero word, 64-bit check.
inline constexpr std::size_t echo_tag_size = 24;

/// Which echo of which probe a packet is. Slot and generation are the probe's 64-bit token: the
/// slot leads to the probe without a look-up, the generation tells it from earlier users of the
/// same slot.
struct echo_tag {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  std::uint32_t number = 0; ///< of the echo within its probe, from 0

  bool operator==(const echo_tag&) const = default;
};

/// Writes tags with a keyed check (XXH3 with a secret that only this process knows), and reads
/// back only those which carry it: replies to other programs' echoes, and forged ones, fail.
class tag_signer {
public:
  using secret = std::array<std::uint8_t, 192>;

  /// A random secret of the kernel's.
  tag_signer();
  explicit tag_signer(const secret& key) noexcept : secret_(key) {}

  void write(const echo_tag& tag, std::span<std::uint8_t, echo_tag_size> out) const noexcept;

  /// The tag at the beginning of `payload`; nothing if it is too short or its check is wrong.
  std::optional<echo_tag> read(std::span<const std::uint8_t> payload) const noexcept;

private:
  secret secret_;
};

} // namespace xprober::icmp
