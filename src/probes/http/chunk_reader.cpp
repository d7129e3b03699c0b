#include "xprober/probes/http/chunk_reader.hpp"

#include <algorithm>
#include <utility>

#include "xprober/domain/ascii.hpp"

namespace xprober::http {

namespace {

// As many as a number of 64 bits has; curl and Go's client take no more either, zeros in front
// included.
constexpr unsigned max_size_digits = 16;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

} // namespace

chunk_reader::step chunk_reader::take(std::string_view bytes) {
  step out;
  while (out.used < bytes.size() && at_ != place::over) {
    if (at_ == place::data) {
      const auto rest = bytes.size() - out.used;
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest));
      out.data = bytes.substr(out.used, n);
      out.used += n;
      left_ -= n;
      at_ = left_ == 0 ? place::data_end : place::data;
      return out;
    }
    const auto where = at_;
    out.now = take_line(bytes[out.used]);
    ++out.used;
    if (out.now == state::malformed || out.now == state::too_large) {
      problem_ = problem_at(where, out.now);
      return out;
    }
  }
  out.now = at_ == place::over ? state::done : state::need_more;
  return out;
}

std::string_view chunk_reader::problem_at(place where, state what) noexcept {
  if (what == state::too_large) {
    return where == place::trailer ? "the trailers behind the body" : "the line of a chunk";
  }
  switch (where) {
  case place::data_end: return "no end of line behind the data of a chunk";
  case place::trailer: return "a trailer without a colon";
  default: return "the size of a chunk is not a hexadecimal number of at most 16 digits";
  }
}

// What is no data.
chunk_reader::state chunk_reader::take_line(char c) {
  if (at_ != place::data_end && ++line_bytes_ > limit_) {
    return state::too_large;
  }
  switch (at_) {
  case place::size: return take_size(c);
  case place::blank:
    if (c == '\n') {
      begin_data();
      return state::need_more;
    }
    at_ = c == ';' ? place::extension : place::blank;
    return c == ';' || is_blank(c) ? state::need_more : state::malformed;
  case place::extension:
    if (c == '\n') {
      begin_data();
    }
    return state::need_more;
  case place::data_end:
    if (c == '\r' && !returned_) {
      returned_ = true;
      return state::need_more;
    }
    at_ = place::size;
    return c == '\n' ? state::need_more : state::malformed;
  default: return take_trailer(c);
  }
}

chunk_reader::state chunk_reader::take_size(char c) {
  if (const int value = ascii::hex_value(c); value >= 0) {
    left_ = (left_ << 4U) | static_cast<unsigned>(value);
    return ++digits_ <= max_size_digits ? state::need_more : state::malformed;
  }
  if (digits_ == 0) {
    return state::malformed;
  }
  if (c == '\n') {
    begin_data();
    return state::need_more;
  }
  at_ = c == ';' ? place::extension : place::blank;
  return c == ';' || is_blank(c) ? state::need_more : state::malformed;
}

void chunk_reader::begin_data() {
  at_ = left_ > 0 ? place::data : place::trailer;
  digits_ = 0;
  line_bytes_ = 0;
  returned_ = false;
}

chunk_reader::state chunk_reader::take_trailer(char c) {
  if (c == '\n') {
    const auto ended = std::exchange(line_, trailer_line::empty);
    at_ = ended == trailer_line::empty ? place::over : place::trailer;
    return ended == trailer_line::name ? state::malformed : state::need_more;
  }
  if (line_ == trailer_line::empty) {
    line_ = c == '\r' ? line_ : c == ' ' || c == '\t' ? trailer_line::field : trailer_line::name;
  }
  line_ = c == ':' ? trailer_line::field : line_;
  return state::need_more;
}

} // namespace xprober::http
