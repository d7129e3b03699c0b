#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace xprober::net {

/// How many fields a request or an answer may have, with the trailers of its body. Browsers send
/// about 20; proxies that count them allow 100.
inline constexpr std::size_t default_max_fields = 128;

/// What Beast keeps of a field beside its text, in bytes: the hooks of a list and a tree, two
/// lengths, the number of its name, and what the allocator takes (basic_fields::element).
inline constexpr std::uint64_t kept_for_a_field = 64;

/// Counts the lines of a head on their way to a parser: a field of five bytes costs it many times
/// that, so that those that are too many do not get there. A line that goes on with the one before
/// (obs-fold) counts as a field.
class head_lines {
public:
  /// `max_fields`: as many may stand between the first line and the empty one.
  explicit head_lines(std::size_t max_fields) : most_(max_fields + 2) {}

  /// Bytes that the parser may see next, and whether the head has to end within them.
  struct piece {
    std::string_view bytes;
    bool is_last = false;
  };

  /// The beginning of what came and is not parsed yet, up to the last line that the head may have.
  piece within(std::string_view bytes) const noexcept;

  /// These were parsed, of the head.
  void take(std::string_view bytes) noexcept;

  /// What the parser keeps beside the text of the head, in bytes; two lines more than there are.
  std::uint64_t kept() const noexcept { return taken_ * kept_for_a_field; }

private:
  std::size_t most_;      ///< lines of a head
  std::size_t taken_ = 0; ///< lines that were parsed
};

} // namespace xprober::net
