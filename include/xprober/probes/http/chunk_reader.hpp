#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace xprober::http {

/// Reads a chunked body (RFC 9112, section 7.1): blanks behind a chunk's size and its extensions
/// are passed over, a line feed ends a line with or without a carriage return, and trailers have
/// to be fields, but say nothing of the message.
class chunk_reader {
public:
  enum class state : std::uint8_t { need_more, done, malformed, too_large };

  /// What was taken of the bytes: the first `used` of them, of which `data` belong to the body.
  struct step {
    state now = state::need_more;
    std::size_t used = 0;
    std::string_view data;
  };

  /// `limit`: bytes that the line of one chunk may have, and all trailers.
  explicit chunk_reader(std::size_t limit) : limit_(limit) {}

  /// Takes the next piece, up to the end of a run of data; there may be more to take behind it.
  step take(std::string_view bytes);

  /// After `malformed` what is wrong; after `too_large` what is: "the line of a chunk".
  std::string_view problem() const noexcept { return problem_; }

private:
  /// What a line of trailers is so far: a field has a colon, or goes on with the one before.
  enum class trailer_line : std::uint8_t { empty, name, field };
  enum class place : std::uint8_t { size, blank, extension, data, data_end, trailer, over };

  static std::string_view problem_at(place where, state what) noexcept;

  state take_line(char c);
  state take_size(char c);
  void begin_data();
  state take_trailer(char c);

  std::size_t limit_;
  place at_ = place::size;
  std::uint64_t left_ = 0;     ///< of the chunk's data; of its size, while that is read
  unsigned digits_ = 0;        ///< of the size
  std::size_t line_bytes_ = 0; ///< of the chunk's line, or of all trailers
  trailer_line line_ = trailer_line::empty;
  std::string_view problem_;
  bool returned_ = false; ///< a carriage return is behind the data
};

} // namespace xprober::http
