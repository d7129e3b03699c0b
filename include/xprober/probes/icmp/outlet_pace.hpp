#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace xprober::icmp {

/// Keeps an outlet from filling a network device's queue, which its large buffer would not: the
/// next batch is sent when half of a batch, or less, of what has left is still in the send buffer.
/// Waiting for all of it would leave the link to the main socket: on one that is too slow for both,
/// targets that nothing is known of would not be probed in time.
class outlet_pace {
public:
  /// Looks, one for each millisecond, until the next batch is sent in any case: what was taken for
  /// a full queue may be packets whose size in the buffer was misjudged.
  static constexpr int most_looks = 50;

  /// A batch was sent: the bytes in the buffer before and now, how many messages were sent, and how
  /// many of them have left.
  void sent(std::uint32_t before, std::uint32_t now, std::size_t count, std::size_t left) noexcept {
    const std::uint32_t added = now > before ? now - before : 0;
    if (left == 0 && count != 0 && added != 0) {
      // The kernel may have dropped some: it keeps few for a neighbour whose address it lacks.
      each_ = std::max(added / static_cast<std::uint32_t>(count), least_each);
    }
    const auto waiting = static_cast<std::uint32_t>(count - left);
    goal_ = before + each_ * waiting * 5 / 4 + each_ * slack;
    looks_ = left != 0 && now > goal_ ? most_looks : 0;
  }

  /// True if the next batch has to wait; to be asked with the bytes in the buffer now.
  bool holds(std::uint32_t now) noexcept {
    looks_ = now > goal_ && looks_ > 0 ? looks_ - 1 : 0;
    return looks_ > 0;
  }
  bool may_hold() const noexcept { return looks_ > 0; }

private:
  static constexpr std::uint32_t slack = 32; ///< messages of the last batch that may still be there
  static constexpr std::uint32_t least_each = 512; ///< less than any packet takes there
  std::uint32_t each_ = 1024;                      ///< of a message, in the buffer
  std::uint32_t goal_ = 0;
  int looks_ = 0;
};

} // namespace xprober::icmp
