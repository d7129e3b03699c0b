#pragma once

#include <cstddef>
#include <string_view>

#include <boost/beast/core/flat_buffer.hpp>

namespace xprober::http {

/// What lies in a buffer.
inline std::string_view buffered(const boost::beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.cdata().data()), buffer.size()};
}

/// Mends the header of a response in the buffer where servers write it in another way than the
/// parser reads it. The parser wants a carriage return before each line feed; RFC 9112, section
/// 2.2, does without, and so do browsers. It wants a blank behind the status, as section 4 does;
/// many servers leave it out where no reason follows. One is made for each response.
class header_mender {
public:
  /// True once there are lines of the header in the buffer that a parser takes. Where a carriage
  /// return is missing, the whole header is waited for. `begun`: a parser has taken some of it.
  bool ready(boost::beast::flat_buffer& buffer, bool begun);

  /// The parser has taken so many bytes out of the buffer.
  void consumed(std::size_t bytes) noexcept;

private:
  void scan(std::string_view text);
  void mend_line_ends(boost::beast::flat_buffer& buffer);
  void mend_status_line(boost::beast::flat_buffer& buffer);

  // Of the header's lines in the buffer.
  std::size_t scanned_ = 0;    ///< how far they were looked at
  std::size_t line_start_ = 0; ///< where the last one begins
  std::size_t header_end_ = 0; ///< 0: not seen yet
  bool bare_feeds_ = false;    ///< a line has no carriage return
};

} // namespace xprober::http
