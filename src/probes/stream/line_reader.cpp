#include "xprober/probes/stream/line_reader.hpp"

#include <array>
#include <utility>

#include <boost/asio/error.hpp>

namespace xprober::stream {

namespace {

void strip_return(std::string& line) {
  if (line.ends_with('\r')) {
    line.pop_back();
  }
}

} // namespace

task<line_reader::line> line_reader::next() {
  line found;
  for (;;) {
    const auto end = buffer_.find('\n', searched_);
    if (end != std::string::npos) {
      found.text = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      searched_ = 0;
      strip_return(found.text);
      if (--lines_left_ == 0) {
        lines_left_ = lines_in_a_turn;
        found.error = co_await from_.yield();
      }
      co_return found;
    }
    searched_ = buffer_.size();
    if (buffer_.size() > max_line) {
      found.error = boost::asio::error::message_size;
      co_return found;
    }
    if (ended_) {
      found.error = ended_;
      co_return found;
    }
    std::array<char, 4096> part;
    const auto got = co_await from_.read(part);
    if (got.error) {
      ended_ = got.error;
      found.text = std::exchange(buffer_, {});
      searched_ = 0;
      strip_return(found.text);
      const bool last = got.error == boost::asio::error::eof && !found.text.empty();
      found.error = last ? error_code{} : got.error;
      co_return found;
    }
    buffer_.append(part.data(), got.bytes);
  }
}

std::size_t line_reader::drop() {
  searched_ = 0;
  return std::exchange(buffer_, {}).size();
}

} // namespace xprober::stream
