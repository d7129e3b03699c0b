#include "xprober/probes/http/response_reader.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "xprober/probes/http/decoder.hpp"
#include "xprober/probes/http/header_mender.hpp"

namespace beast = boost::beast;

namespace xprober::http {

namespace {

constexpr std::size_t read_size = 16UL * 1024;
// Most answers fit, and a connection that hangs holds no more.
constexpr std::size_t first_read_size = 4UL * 1024;
constexpr std::size_t max_cookie_fields = 50;
constexpr int max_interim_responses = 16;
constexpr std::string_view protocol_prefix = "HTTP/1.";

using error_code = boost::system::error_code;
using beast::string_view;

/// What one response said. Lives outside the parser, which is made anew after an interim response.
struct response {
  bool header_done = false;
  std::uint16_t status = 0;
  std::optional<std::string> location;
  std::vector<std::string> set_cookies;
  std::uint64_t body_bytes = 0;
  std::uint64_t decoded_bytes = 0;
  std::uint8_t version = 0;
  std::string codings; ///< of all Content-Encoding fields
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  std::unique_ptr<content_decoder> decoder;
  content_decoder::state decoded = content_decoder::state::good;
  std::string unknown_coding;
};

class parser : public beast::http::basic_parser<false> {
public:
  parser(response& out, const read_limits& limits, bool head, const kept_parts& keep)
      : out_(out), limits_(limits), keep_(keep) {
    eager(true);
    skip(head);
    header_limit(static_cast<std::uint32_t>(limits.header));
    body_limit(boost::none); // counted here, so that a redirect's header is seen first
  }

  bool interim() const noexcept {
    return out_.status >= 100 && out_.status < 200 && out_.status != 101;
  }

private:
  void on_request_impl(beast::http::verb, string_view, string_view, int, error_code&) override {}

  void on_response_impl(int code, string_view, int version, error_code&) override {
    out_.status = static_cast<std::uint16_t>(code);
    out_.version = static_cast<std::uint8_t>(version);
  }

  void on_field_impl(beast::http::field name, string_view text, string_view value,
                     error_code&) override {
    if (out_.header_done) {
      return; // a trailer
    }
    if (keep_.fields) {
      out_.fields.emplace_back(text, value);
    }
    if (name == beast::http::field::location && !out_.location) {
      out_.location.emplace(value);
    } else if (name == beast::http::field::set_cookie &&
               out_.set_cookies.size() < max_cookie_fields) {
      out_.set_cookies.emplace_back(value);
    } else if (name == beast::http::field::content_encoding) {
      out_.codings.append(out_.codings.empty() ? "" : ",").append(value);
    }
  }

  void on_header_impl(error_code& ec) override {
    out_.header_done = !interim();
    const auto length = content_length();
    if (!skip() && length && *length > limits_.body) {
      ec = beast::http::error::body_limit;
    }
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code& ec) override {
    out_.decoder = content_decoder::make(out_.codings, limits_.body, out_.unknown_coding);
    if (keep_.body > 0 && !out_.unknown_coding.empty()) {
      out_.decoded = content_decoder::state::corrupt; // nobody can look into it
      ec = beast::http::error::bad_value;
    }
  }

  void keep(std::string_view bytes) {
    out_.decoded_bytes += bytes.size();
    out_.body.append(bytes.substr(0, keep_.body - out_.body.size()));
  }

  void decode(string_view body, error_code& ec) {
    if (!out_.decoder) {
      keep({body.data(), body.size()});
      return;
    }
    out_.decoded = out_.decoder->feed({body.data(), body.size()},
                                      [this](std::string_view bytes) { keep(bytes); });
    if (out_.decoded != content_decoder::state::good) {
      ec = beast::http::error::bad_value; // `fail` looks at the decoder first
    }
  }

  std::size_t count(string_view body, error_code& ec) {
    out_.body_bytes += body.size();
    if (out_.body_bytes > limits_.body) {
      ec = beast::http::error::body_limit;
    } else {
      decode(body, ec);
    }
    return body.size();
  }

  std::size_t on_body_impl(string_view body, error_code& ec) override { return count(body, ec); }

  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& ec) override {
    return count(body, ec);
  }

  void on_finish_impl(error_code& ec) override {
    if (out_.decoder && !skip()) {
      out_.decoded = out_.decoder->finish();
      if (out_.decoded != content_decoder::state::good) {
        ec = beast::http::error::bad_value;
      }
    }
  }

  response& out_;
  const read_limits& limits_;
  const kept_parts& keep_;
};

} // namespace

struct response_reader::impl {
  impl(read_limits l, bool h, kept_parts k)
      : limits(l), head(h), keep(k), buffer(l.header + read_size + 1) {
    reset();
  }

  void reset() {
    out = response{};
    reader.emplace(out, limits, head, keep);
    mender = {};
  }

  state fail(probe_error e, std::string text) {
    error = e;
    detail = std::move(text);
    return state::failed;
  }

  state fail(const error_code& ec);
  state need_more();
  state parse();

  read_limits limits;
  bool head;
  kept_parts keep;
  beast::flat_buffer buffer;
  response out;
  std::optional<parser> reader;
  header_mender mender;
  int interim_responses = 0;
  bool got_some = false;
  probe_error error = probe_error::none;
  std::string detail;
};

response_reader::state response_reader::impl::fail(const error_code& ec) {
  if (out.decoded == content_decoder::state::too_large) {
    return fail(probe_error::http_decoded_too_large, "the body, " + out.codings +
                                                         ", is decoded larger than max_body, " +
                                                         std::to_string(limits.body) + " bytes");
  }
  if (out.decoded == content_decoder::state::corrupt) {
    return fail(probe_error::http_bad_encoding,
                "the body is not what its Content-Encoding says, " + out.codings);
  }
  if (ec == beast::http::error::header_limit || ec == beast::http::error::buffer_overflow) {
    return fail(probe_error::http_header_too_large,
                "the header is larger than " + std::to_string(limits.header) + " bytes");
  }
  if (ec == beast::http::error::body_limit) {
    return fail(probe_error::http_body_too_large,
                "the body is larger than max_body, " + std::to_string(limits.body) + " bytes");
  }
  if (ec == beast::http::error::partial_message || ec == beast::http::error::end_of_stream) {
    return fail(probe_error::http_early_close,
                !got_some          ? "the server closed the connection without an answer"
                : !out.header_done ? "the server closed the connection within the header"
                                   : "the server closed the connection after " +
                                         std::to_string(out.body_bytes) + " bytes of the body");
  }
  return fail(probe_error::http_malformed, "the answer is not HTTP/1: " + ec.message());
}

response_reader::state response_reader::impl::need_more() {
  return buffer.size() < limits.header ? state::need_more : fail(beast::http::error::header_limit);
}

response_reader::state response_reader::impl::parse() {
  for (;;) {
    if (reader->is_done()) {
      if (!reader->interim()) {
        return state::done;
      }
      if (++interim_responses > max_interim_responses) {
        return fail(probe_error::http_malformed, "more than 16 interim (1xx) responses");
      }
      reset();
    }
    if (buffer.size() == 0) {
      return state::need_more;
    }
    if (!reader->is_header_done() && !mender.ready(buffer, reader->got_some())) {
      return need_more();
    }
    error_code ec;
    const auto used = reader->put(buffer.data(), ec);
    buffer.consume(used);
    mender.consumed(used);
    if (ec && ec != beast::http::error::need_more) {
      return fail(ec);
    }
    if (ec == beast::http::error::need_more || (used == 0 && !reader->is_done())) {
      return need_more();
    }
  }
}

response_reader::response_reader(read_limits limits, bool head, kept_parts keep)
    : impl_(std::make_unique<impl>(limits, head, keep)) {}

response_reader::~response_reader() = default;

std::span<char> response_reader::prepare() {
  const auto room = impl_->buffer.prepare(impl_->got_some ? read_size : first_read_size);
  return {static_cast<char*>(room.data()), room.size()};
}

response_reader::state response_reader::commit(std::size_t n) {
  impl_->buffer.commit(n);
  if (!impl_->got_some) {
    // Another protocol's greeting would else be waited on until the deadline.
    const auto text = buffered(impl_->buffer);
    const auto seen = std::min(text.size(), protocol_prefix.size());
    if (text.substr(0, seen) != protocol_prefix.substr(0, seen)) {
      impl_->got_some = true;
      return impl_->fail(probe_error::http_malformed, "the answer does not begin with \"HTTP/1.\"");
    }
    impl_->got_some = seen == protocol_prefix.size();
    if (!impl_->got_some) {
      return state::need_more;
    }
  }
  return impl_->parse();
}

response_reader::state response_reader::end_of_stream() {
  error_code ec;
  if (!impl_->reader->got_some()) {
    return impl_->fail(beast::http::error::end_of_stream);
  }
  impl_->reader->put_eof(ec);
  return ec ? impl_->fail(ec) : state::done;
}

bool response_reader::header_done() const noexcept { return impl_->out.header_done; }

std::uint16_t response_reader::status() const noexcept {
  return impl_->reader->interim() ? 0 : impl_->out.status;
}

const std::optional<std::string>& response_reader::location() const noexcept {
  return impl_->out.location;
}

const std::vector<std::string>& response_reader::set_cookies() const noexcept {
  return impl_->out.set_cookies;
}

std::uint64_t response_reader::body_bytes() const noexcept { return impl_->out.body_bytes; }

std::uint64_t response_reader::decoded_bytes() const noexcept { return impl_->out.decoded_bytes; }

std::uint8_t response_reader::version() const noexcept {
  return impl_->reader->interim() ? std::uint8_t{0} : impl_->out.version;
}

const std::vector<std::pair<std::string, std::string>>& response_reader::fields() const noexcept {
  return impl_->out.fields;
}

const std::string& response_reader::body() const noexcept { return impl_->out.body; }

std::size_t response_reader::bytes_left() const noexcept { return impl_->buffer.size(); }

probe_error response_reader::error() const noexcept { return impl_->error; }

const std::string& response_reader::detail() const noexcept { return impl_->detail; }

} // namespace xprober::http
