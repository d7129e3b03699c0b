#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "xprober/probes/stream/connection.hpp"

namespace xprober::stream {

/// Reads lines from a connection.
class line_reader {
public:
  /// A longer line is an error, boost::asio::error::message_size.
  static constexpr std::size_t max_line = std::size_t{64} << 10;
  /// After so many lines others of the thread have their turn: one read can hold thousands.
  static constexpr unsigned lines_in_a_turn = 256;

  explicit line_reader(connection& from) : from_(from) {}

  struct line {
    error_code error; ///< eof: the stream ended, and with it what had no line end
    std::string text; ///< without its line end
  };
  /// The next line. What comes before the end of the stream without a line end is a line, too.
  task<line> next();

  /// Forgets what was read ahead: what follows is of another protocol. How much that was.
  std::size_t drop();

private:
  connection& from_;
  std::string buffer_;
  unsigned lines_left_ = lines_in_a_turn;
  std::size_t searched_ = 0; ///< of `buffer_`: there is no line end before
  error_code ended_;         ///< a stream that has ended is not read again
};

} // namespace xprober::stream
