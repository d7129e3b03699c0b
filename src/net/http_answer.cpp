#include "xprober/net/http_answer.hpp"

#include <iterator>
#include <optional>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "xprober/domain/ascii.hpp"
#include "xprober/net/head_lines.hpp"
#include "xprober/net/tls_alert.hpp"

namespace xprober::net {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using response_parser = http::response_parser<http::string_body>;

constexpr std::uint64_t framing_of_a_byte = 8;
/// The end of a chunked body, "0\r\n\r\n", and what the parser relies on having of it.
constexpr std::size_t shortest_chunks = 5;

} // namespace

std::string_view http_answer::header(std::string_view name) const noexcept {
  for (const auto& [known, value] : headers) {
    if (ascii::same(known, name)) {
      return value;
    }
  }
  return {};
}

struct http_answer_reader::impl {
  explicit impl(http_limits wanted) : limits(wanted) { begin(); }

  void begin() {
    parser.emplace();
    parser->header_limit(limits.max_head);
    // A length that the head names is looked at before a byte of the body is taken.
    parser->body_limit(boost::none);
    lines = head_lines{limits.max_fields};
  }

  void fail(http_fault why, std::string text) {
    fault = why;
    error = std::move(text);
  }

  /// Parses what there is; the bytes that were used.
  std::size_t parse(std::string_view bytes) {
    std::size_t used = 0;
    while (!finished() && used < bytes.size()) {
      const auto rest = bytes.substr(used);
      if (parser->is_header_done() && parser->chunked() && rest.size() < shortest_chunks) {
        break;
      }
      const bool in_head = !parser->is_header_done();
      // With the body in the next turn: its length may be too much.
      parser->eager(!in_head);
      const auto piece = in_head ? lines.within(rest) : head_lines::piece{rest};
      error_code wrong;
      const auto taken =
          parser->put(asio::const_buffer(piece.bytes.data(), piece.bytes.size()), wrong);
      used += taken;
      if (in_head) {
        lines.take(rest.substr(0, taken));
        if (piece.is_last && !parser->is_header_done() && !is_wrong(wrong)) {
          fail_fields();
          break;
        }
      }
      check(wrong);
      if (wrong || taken == 0) {
        break;
      }
    }
    return used;
  }

  static bool is_wrong(const error_code& wrong) { return wrong && wrong != http::error::need_more; }

  void fail_fields() {
    fail(http_fault::overlong,
         "the answer has more than " + std::to_string(limits.max_fields) + " header fields");
  }

  void check(const error_code& wrong) {
    if (wrong == http::error::header_limit) {
      return fail(http_fault::overlong,
                  "the answer's head is larger than " + std::to_string(limits.max_head) + " bytes");
    }
    if (is_wrong(wrong)) {
      return fail(http_fault::malformed,
                  "this is not an HTTP answer, or a part of one: " + wrong.message());
    }
    // RFC 9110, section 15: the first digit says what it is about.
    if (parser->is_header_done() && parser->get().result_int() < 100) {
      return fail(http_fault::malformed, "this is not an HTTP answer: its status is below 100");
    }
    if (parser->is_done() && parser->get().result_int() / 100 == 1 &&
        parser->get().result_int() != 101) {
      return begin();
    }
    if (parser->is_done()) {
      check_trailers();
    }
    const auto body = std::uint64_t{parser->get().body().size()};
    const auto length = parser->is_header_done() ? parser->content_length() : boost::none;
    if (body > limits.max_body || (length && *length > limits.max_body)) {
      fail(http_fault::too_large,
           "the answer is larger than " + std::to_string(limits.max_body) + " bytes");
    }
  }

  /// Beast puts trailers to the fields of the head, all at once.
  void check_trailers() {
    auto& fields = parser->get().base();
    if (static_cast<std::size_t>(std::distance(fields.begin(), fields.end())) > limits.max_fields) {
      fields.clear();
      fail_fields();
    }
  }

  bool finished() const { return fault != http_fault::none || parser->is_done(); }

  http_limits limits;
  std::optional<response_parser> parser;
  head_lines lines{default_max_fields};
  std::string pending;        ///< came, and waits for what belongs to it
  std::uint64_t received = 0; ///< bytes in all
  http_fault fault = http_fault::none;
  std::string error;
};

http_answer_reader::http_answer_reader(http_limits limits)
    : impl_(std::make_unique<impl>(limits)) {}

http_answer_reader::~http_answer_reader() = default;

void http_answer_reader::feed(std::string_view bytes) {
  auto& self = *impl_;
  if (self.received == 0 && is_tls_alert(bytes)) {
    self.received = bytes.size();
    return self.fail(http_fault::malformed, "the server speaks TLS on this port: use https://");
  }
  self.received += bytes.size();
  if (self.pending.empty()) {
    self.pending = bytes.substr(self.parse(bytes));
  } else {
    self.pending += bytes;
    self.pending.erase(0, self.parse(self.pending));
  }
  const auto body = std::uint64_t{self.parser->get().body().size()};
  if (!self.finished() &&
      (self.pending.size() > self.limits.max_head ||
       self.received - body > self.limits.max_head + framing_of_a_byte * body)) {
    self.fail(http_fault::overlong, "what stands around the answer's body is larger than " +
                                        std::to_string(self.limits.max_head) + " bytes");
  }
}

void http_answer_reader::end() {
  auto& self = *impl_;
  if (self.finished()) {
    return;
  }
  if (!self.parser->got_some()) {
    return self.fail(http_fault::lost, "the server closed the connection");
  }
  error_code wrong;
  self.parser->put_eof(wrong);
  if (wrong || !self.parser->is_done()) {
    self.fail(http_fault::lost, "this is not an HTTP answer, or a part of one: " +
                                    (wrong ? wrong.message() : std::string{"it broke off"}));
  }
}

bool http_answer_reader::done() const noexcept { return impl_->finished(); }

bool http_answer_reader::begun() const noexcept { return impl_->received > 0; }

bool http_answer_reader::reusable() const {
  return impl_->fault == http_fault::none && impl_->parser->is_done() &&
         impl_->parser->keep_alive() && impl_->pending.empty();
}

http_answer http_answer_reader::take() {
  auto& self = *impl_;
  http_answer answer;
  answer.fault = self.fault;
  answer.error = std::move(self.error);
  if (!self.parser->is_header_done()) {
    return answer;
  }
  auto& message = self.parser->get();
  answer.status = message.result_int();
  answer.reason = std::string{message.reason()};
  for (const auto& field : message) {
    answer.headers.emplace_back(field.name_string(), field.value());
  }
  answer.body = std::move(message.body());
  return answer;
}

} // namespace xprober::net
