#include "xprober/net/http_request_reader.hpp"

#include <iterator>
#include <optional>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include "xprober/net/head_lines.hpp"

namespace xprober::net {

namespace {

using incoming_parser = http::request_parser<http::string_body>;

/// Chunks of one byte take six bytes for it: "1\r\n", the byte, "\r\n".
constexpr std::uint64_t framing_of_a_body_byte = 8;
/// The end of a chunked body, "0\r\n\r\n", which the parser relies on having whole.
constexpr std::size_t shortest_last_chunk = 5;
/// A connection that waits for its next request keeps no larger buffer.
constexpr std::size_t kept_buffer = 8 * 1024;

} // namespace

struct http_request_reader::impl {
  explicit impl(request_limits wanted) : limits(wanted) { begin(); }

  void begin() {
    parser.emplace();
    // Both are looked at here: the parser counts a head anew behind each line, and would judge the
    // length of a body before the head can be seen.
    parser->header_limit(limits.max_header + 1);
    parser->body_limit(boost::none);
    head_bytes = 0;
    framing_bytes = 0;
    lines = head_lines{limits.max_fields};
    head_done = false;
    body_wanted = false;
  }

  void fail(request_fault why, std::string text) {
    if (fault == request_fault::none) {
      fault = why;
      error = std::move(text);
    }
  }
  void fail_header() {
    fail(request_fault::header_too_large,
         "the request's header is above " + std::to_string(limits.max_header) + " bytes");
  }
  void fail_fields(request_fault why) {
    fail(why, "the request has more than " + std::to_string(limits.max_fields) + " header fields");
  }
  void fail_body() {
    fail(request_fault::body_too_large,
         "the request's body is above " + std::to_string(limits.max_body) + " bytes");
  }
  void fail_framing() {
    fail(request_fault::framing_too_large, "what stands around the request's body is above " +
                                               std::to_string(limits.max_header) + " bytes");
  }

  std::uint64_t body_bytes() const { return parser->get().body().size(); }

  void parse() {
    if (head_bytes == 0 && !pending.empty()) {
      lead = pending.front();
    }
    std::size_t used = 0;
    while (fault == request_fault::none && !parser->is_done() && used < pending.size()) {
      const auto rest = pending.size() - used;
      if (head_done && (!body_wanted || (parser->chunked() && rest < shortest_last_chunk))) {
        break;
      }
      const std::string_view came{&pending[used], rest};
      const auto piece = head_done ? head_lines::piece{came} : lines.within(came);
      const auto before = body_bytes();
      boost::system::error_code wrong;
      const auto taken =
          parser->put(boost::asio::const_buffer(piece.bytes.data(), piece.bytes.size()), wrong);
      used += taken;
      if (head_done) {
        framing_bytes += taken - (body_bytes() - before);
      } else {
        head_bytes += taken;
        lines.take(came.substr(0, taken));
      }
      check(wrong);
      if (!head_done && piece.is_last) {
        fail_fields(request_fault::header_too_large);
      }
      if (wrong || taken == 0) {
        break;
      }
    }
    pending.erase(0, used);
    check_size();
  }

  void check(const boost::system::error_code& wrong) {
    if (wrong == http::error::header_limit) {
      return fail_header();
    }
    if (wrong == http::error::body_limit) {
      return fail_body();
    }
    if (wrong && wrong != http::error::need_more) {
      return fail(request_fault::malformed, "no HTTP request: " + wrong.message());
    }
    if (!head_done && parser->is_header_done()) {
      head_done = true;
      parser->eager(true); // for the body
    }
    if (head_done && parser->is_done()) {
      check_trailers();
    }
  }

  /// Beast puts trailers to the fields of the head, all at once.
  void check_trailers() {
    auto& fields = parser->get().base();
    if (static_cast<std::size_t>(std::distance(fields.begin(), fields.end())) > limits.max_fields) {
      fields.clear();
      fail_fields(request_fault::framing_too_large);
    }
  }

  void check_size() {
    if (!head_done) {
      if (head_bytes + pending.size() > limits.max_header) {
        fail_header();
      }
    } else if (head_bytes > limits.max_header) {
      fail_header();
    } else if (body_wanted && !parser->is_done()) {
      const auto around = framing_bytes + pending.size();
      if (pending.size() > limits.max_header ||
          around > limits.max_header + framing_of_a_body_byte * body_bytes()) {
        fail_framing();
      }
    } else if (framing_bytes > limits.max_header + framing_of_a_body_byte * body_bytes()) {
      fail_framing(); // the last piece may have brought all of it
    }
  }

  request_limits limits;
  std::optional<incoming_parser> parser;
  std::string pending;             ///< came, and is not parsed
  std::size_t filled = 0;          ///< of `pending`, while there is room behind it
  std::uint64_t head_bytes = 0;    ///< parsed
  std::uint64_t framing_bytes = 0; ///< parsed, of what is neither head nor body
  head_lines lines{default_max_fields};
  char lead = 0; ///< the first byte of the request
  bool head_done = false;
  bool body_wanted = false;
  request_fault fault = request_fault::none;
  std::string error;
};

http_request_reader::http_request_reader(request_limits limits)
    : impl_(std::make_unique<impl>(limits)) {}

http_request_reader::~http_request_reader() = default;

std::span<char> http_request_reader::prepare(std::size_t most) {
  auto& self = *impl_;
  self.filled = self.pending.size();
  self.pending.resize(self.filled + most);
  return {&self.pending[self.filled], most};
}

void http_request_reader::commit(std::size_t count) {
  auto& self = *impl_;
  self.pending.resize(self.filled + count);
  self.parse();
}

bool http_request_reader::empty() const noexcept {
  return impl_->pending.empty() && impl_->head_bytes == 0;
}

char http_request_reader::first() const noexcept { return impl_->lead; }

void http_request_reader::resume() { impl_->parse(); }

request_fault http_request_reader::fault() const noexcept { return impl_->fault; }

const std::string& http_request_reader::error() const noexcept { return impl_->error; }

bool http_request_reader::has_head() const noexcept {
  return impl_->head_done && impl_->fault == request_fault::none;
}

const http_request& http_request_reader::head() const { return impl_->parser->get(); }

bool http_request_reader::has_body() const { return impl_->head_done && !impl_->parser->is_done(); }

std::uint64_t http_request_reader::named_length() const {
  return impl_->head_done ? impl_->parser->content_length().value_or(0) : 0;
}

void http_request_reader::want_body() {
  auto& self = *impl_;
  if (self.body_wanted) {
    return;
  }
  self.body_wanted = true;
  if (const auto length = self.parser->content_length(); length && *length > self.limits.max_body) {
    return self.fail_body();
  }
  self.parser->body_limit(self.limits.max_body);
  self.parse();
}

bool http_request_reader::done() const noexcept {
  return impl_->fault == request_fault::none && impl_->head_done && impl_->parser->is_done();
}

std::uint64_t http_request_reader::held() const noexcept {
  return impl_->head_bytes + impl_->lines.kept() + impl_->body_bytes() + impl_->pending.size();
}

http_request http_request_reader::take() {
  auto& self = *impl_;
  auto request = self.parser->release();
  self.begin();
  if (self.pending.empty() && self.pending.capacity() > kept_buffer) {
    std::string{}.swap(self.pending);
  }
  return request;
}

} // namespace xprober::net
