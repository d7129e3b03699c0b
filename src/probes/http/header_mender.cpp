#include "xprober/probes/http/header_mender.hpp"

#include <algorithm>
#include <cstring>
#include <string>

namespace xprober::http {

using boost::beast::flat_buffer;

bool header_mender::ready(flat_buffer& buffer, bool begun) {
  scan(buffered(buffer));
  if (bare_feeds_) {
    if (header_end_ == 0) {
      return false;
    }
    mend_line_ends(buffer);
  }
  if (!begun && line_start_ > 0) {
    mend_status_line(buffer);
  }
  return line_start_ > 0 || begun;
}

void header_mender::consumed(std::size_t bytes) noexcept {
  for (auto* place : {&scanned_, &line_start_, &header_end_}) {
    *place -= std::min(*place, bytes);
  }
}

void header_mender::scan(std::string_view text) {
  while (header_end_ == 0) {
    const auto feed = text.find('\n', scanned_);
    if (feed == std::string_view::npos) {
      scanned_ = text.size();
      return;
    }
    const bool returned = feed > line_start_ && text[feed - 1] == '\r';
    bare_feeds_ = bare_feeds_ || !returned;
    const bool empty = feed - line_start_ == (returned ? 1U : 0U);
    scanned_ = line_start_ = feed + 1;
    header_end_ = empty ? line_start_ : 0;
  }
}

void header_mender::mend_line_ends(flat_buffer& buffer) {
  const auto text = buffered(buffer);
  std::string mended;
  mended.reserve(text.size() + 64);
  for (std::size_t i = 0; i < header_end_; ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) {
      mended += '\r';
    }
    mended += text[i];
  }
  const auto mended_end = mended.size();
  mended += text.substr(header_end_);
  bare_feeds_ = false;
  if (mended.size() <= buffer.max_size()) { // else it goes as it is and is malformed
    header_end_ = mended_end;
    buffer.clear();
    std::memcpy(buffer.prepare(mended.size()).data(), mended.data(), mended.size());
    buffer.commit(mended.size());
  }
}

void header_mender::mend_status_line(flat_buffer& buffer) {
  constexpr std::string_view bare = "HTTP/1.1 200";
  const auto text = buffered(buffer);
  if (text.find('\n') != bare.size() + 1 || text[bare.size()] != '\r') {
    return;
  }
  const auto rest = text.size() - bare.size();
  buffer.prepare(1);
  buffer.commit(1);
  auto* at = static_cast<char*>(buffer.data().data()) + bare.size();
  std::memmove(at + 1, at, rest);
  *at = ' ';
  ++scanned_;
  ++line_start_;
  header_end_ += header_end_ > 0 ? 1U : 0U;
}

} // namespace xprober::http
