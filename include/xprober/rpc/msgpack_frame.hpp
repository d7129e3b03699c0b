#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace xprober::rpc {

/// How much is read at once: while nothing is under way, and of a message.
inline constexpr std::size_t idle_read_size = 4 * 1024;
inline constexpr std::size_t read_size = 64 * 1024;

struct frame_limits {
  std::size_t max_bytes = 64 * 1024 * 1024;
  std::size_t max_depth = 32; ///< of arrays and maps in each other
};

enum class frame_status : std::uint8_t {
  need_more,
  complete,
  malformed, ///< no MessagePack
  too_large, ///< longer than `max_bytes`, known as soon as a length says so
  too_deep,
};

/// Words for a status, e.g. "nested too deeply".
std::string_view to_string(frame_status status) noexcept;

/// Finds the end of one MessagePack value in a stream that has no length prefixes. Looks at every
/// head once, however small the pieces are in which the stream arrives, and never at payload.
class frame_scanner {
public:
  explicit frame_scanner(frame_limits limits = {}) : limits_(limits) {}

  /// Goes on with the value that begins at the first byte of `bytes`. Each call gives all bytes of
  /// the value that have come so far: those of the call before and more.
  frame_status scan(std::string_view bytes);

  /// Length of the value once it is complete; before, of what was looked at. A text that has not
  /// arrived whole is counted whole.
  std::size_t size() const noexcept { return position_; }

  /// The next value begins.
  void reset() noexcept;

private:
  frame_status enter(std::uint64_t values);

  frame_limits limits_;
  std::size_t position_ = 0;
  std::vector<std::uint64_t> open_; ///< values missing in each array or map that is open
  std::uint64_t missing_ = 1;       ///< values missing in all of them
};

} // namespace xprober::rpc
