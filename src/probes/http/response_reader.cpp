#include "xprober/probes/http/response_reader.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <boost/beast/core/flat_buffer.hpp>

#include "xprober/domain/recycler.hpp"
#include "xprober/probes/http/chunk_reader.hpp"
#include "xprober/probes/http/decoder.hpp"
#include "xprober/probes/http/response_head.hpp"
#include "xprober/probes/stream/shown.hpp"

namespace beast = boost::beast;

namespace xprober::http {

namespace {

constexpr std::size_t read_size = 16UL * 1024;
// Most answers fit, and a connection that hangs holds no more.
constexpr std::size_t first_read_size = 4UL * 1024;
constexpr int max_interim_responses = 16;
constexpr std::string_view protocol_prefix = "HTTP/";

using form = body_framing::form;

} // namespace

struct response_reader::impl {
  impl(read_limits l, bool b, kept_parts k)
      : limits(l), bodiless(b), keep(k), buffer(l.header + 2 * read_size), head(k.fields),
        chunks(l.header) {}

  std::string_view buffered() const {
    return {static_cast<const char*>(buffer.cdata().data()), buffer.size()};
  }

  state fail(probe_error e, std::string text) {
    error = e;
    detail = std::move(text);
    return state::failed;
  }
  state malformed(const std::string& why) {
    return fail(probe_error::http_malformed, "the answer is not HTTP/1: " + why);
  }
  state header_too_large() {
    return fail(probe_error::http_header_too_large,
                "the header is larger than " + std::to_string(limits.header) + " bytes");
  }
  state body_too_large() {
    return fail(probe_error::http_body_too_large,
                "the body is larger than max_body, " + std::to_string(limits.body) + " bytes");
  }

  state parse();
  state parse_head();
  state begin_body();
  state parse_body();
  state take_chunks();
  state take_body(std::string_view bytes);
  state judge_decoded(content_decoder::state decoded);
  state finish();
  state cut_short();

  read_limits limits;
  bool bodiless;
  kept_parts keep;
  beast::basic_flat_buffer<recycler<char>> buffer;
  head_reader head;
  std::size_t head_bytes = 0; ///< of the lines that were taken
  std::size_t searched = 0;   ///< bytes of the buffer in which no line ends
  bool header_done = false;
  body_framing framing;
  chunk_reader chunks;
  std::unique_ptr<content_decoder> decoder;
  std::string codings;
  std::uint64_t body_bytes = 0;
  std::uint64_t decoded_bytes = 0;
  std::string body;
  int interim_responses = 0;
  bool got_some = false;
  probe_error error = probe_error::none;
  std::string detail;
};

response_reader::state response_reader::impl::parse() {
  if (!header_done) {
    const auto now = parse_head();
    if (now != state::done || !header_done) {
      return now;
    }
    if (const auto begun = begin_body(); begun != state::need_more) {
      return begun;
    }
  }
  return parse_body();
}

// `done` once the final response's head was read.
response_reader::state response_reader::impl::parse_head() {
  for (;;) {
    const auto text = buffered();
    const auto feed = text.find('\n', searched);
    if (feed == std::string_view::npos) {
      searched = text.size();
      return head_bytes + text.size() < limits.header ? state::need_more : header_too_large();
    }
    head_bytes += feed + 1;
    if (head_bytes > limits.header) {
      return header_too_large();
    }
    const auto now = head.take(text.substr(0, feed));
    buffer.consume(feed + 1);
    searched = 0;
    if (now == head_reader::state::failed) {
      return malformed(head.problem());
    }
    if (now == head_reader::state::too_many) {
      return fail(probe_error::http_header_too_large,
                  "the header has more than " + std::to_string(max_head_fields) + " lines");
    }
    if (now == head_reader::state::need_line) {
      continue;
    }
    if (!head.head().interim()) {
      header_done = true;
      return state::done;
    }
    if (++interim_responses > max_interim_responses) {
      return malformed("more than 16 interim (1xx) responses");
    }
    head = head_reader{keep.fields};
    head_bytes = 0;
  }
}

// `need_more` where a body follows.
response_reader::state response_reader::impl::begin_body() {
  framing = frame_body(head.head(), bodiless);
  if (!framing.problem.empty()) {
    return malformed(framing.problem);
  }
  if (framing.how == form::none) {
    return state::done;
  }
  if (framing.how == form::counted && framing.length > limits.body) {
    return body_too_large();
  }
  codings = head.head().content_codings;
  if (!framing.codings.empty()) {
    codings.append(codings.empty() ? "" : ",").append(framing.codings);
  }
  if (const auto made = content_decoder::make(framing.codings, limits.body);
      !made.unknown.empty()) {
    return malformed("Transfer-Encoding is a coding that is not known: " +
                     stream::shown(made.unknown));
  }
  // A content coding that is not known leaves the body as it came.
  auto made = content_decoder::make(codings, limits.body);
  if (made.too_many) {
    return fail(probe_error::http_bad_encoding, "the body is encoded more than " +
                                                    std::to_string(max_codings) +
                                                    " times: " + stream::shown(codings));
  }
  decoder = std::move(made.decoder);
  return framing.how == form::counted && framing.length == 0 ? finish() : state::need_more;
}

response_reader::state response_reader::impl::parse_body() {
  if (framing.how == form::chunked) {
    return take_chunks();
  }
  auto text = buffered();
  if (framing.how == form::counted) {
    text = text.substr(0, framing.length - body_bytes);
  }
  const auto now = take_body(text);
  buffer.consume(text.size());
  if (now == state::need_more && framing.how == form::counted && body_bytes == framing.length) {
    return finish();
  }
  return now;
}

response_reader::state response_reader::impl::take_chunks() {
  for (;;) {
    const auto step = chunks.take(buffered());
    if (step.now == chunk_reader::state::malformed) {
      return malformed(std::string{chunks.problem()} + ", after " + std::to_string(body_bytes) +
                       " bytes of the body");
    }
    if (step.now == chunk_reader::state::too_large) {
      return fail(probe_error::http_header_too_large, std::string{chunks.problem()} +
                                                          " is larger than " +
                                                          std::to_string(limits.header) + " bytes");
    }
    const auto now = take_body(step.data);
    buffer.consume(step.used);
    if (now != state::need_more) {
      return now;
    }
    if (step.now == chunk_reader::state::done) {
      return finish();
    }
    if (step.data.empty() && buffer.size() == 0) {
      return state::need_more;
    }
  }
}

response_reader::state response_reader::impl::take_body(std::string_view bytes) {
  body_bytes += bytes.size();
  if (body_bytes > limits.body) {
    return body_too_large();
  }
  const auto keep_some = [this](std::string_view decoded) {
    decoded_bytes += decoded.size();
    body.append(decoded.substr(0, keep.body - body.size()));
  };
  if (!decoder) {
    keep_some(bytes);
    return state::need_more;
  }
  return judge_decoded(decoder->feed(bytes, keep_some));
}

// `need_more` where all is well.
response_reader::state response_reader::impl::judge_decoded(content_decoder::state decoded) {
  if (decoded == content_decoder::state::too_large) {
    return fail(probe_error::http_decoded_too_large, "the body, " + stream::shown(codings) +
                                                         ", is decoded larger than max_body, " +
                                                         std::to_string(limits.body) + " bytes");
  }
  if (decoded == content_decoder::state::corrupt) {
    return fail(probe_error::http_bad_encoding,
                "the body is not what its Content-Encoding says, " + stream::shown(codings));
  }
  return state::need_more;
}

response_reader::state response_reader::impl::finish() {
  const auto now = decoder ? judge_decoded(decoder->finish()) : state::need_more;
  return now == state::need_more ? state::done : now;
}

response_reader::state response_reader::impl::cut_short() {
  return fail(probe_error::http_early_close,
              !got_some      ? "the server closed the connection without an answer"
              : !header_done ? "the server closed the connection within the header"
                             : "the server closed the connection after " +
                                   std::to_string(body_bytes) + " bytes of the body");
}

response_reader::response_reader(read_limits limits, bool bodiless, kept_parts keep)
    : impl_(std::make_unique<impl>(limits, bodiless, keep)) {}

response_reader::~response_reader() = default;

std::span<char> response_reader::prepare() {
  const auto room = impl_->buffer.prepare(impl_->got_some ? read_size : first_read_size);
  return {static_cast<char*>(room.data()), room.size()};
}

response_reader::state response_reader::commit(std::size_t n) {
  impl_->buffer.commit(n);
  if (!impl_->got_some) {
    // Another protocol's greeting would else be waited on until the deadline.
    const auto text = impl_->buffered();
    const auto seen = std::min(text.size(), protocol_prefix.size());
    if (text.substr(0, seen) != protocol_prefix.substr(0, seen)) {
      impl_->got_some = true;
      return impl_->malformed("it does not begin with \"HTTP/\"");
    }
    impl_->got_some = seen == protocol_prefix.size();
    if (!impl_->got_some) {
      return state::need_more;
    }
  }
  return impl_->parse();
}

response_reader::state response_reader::end_of_stream(bool cut) {
  const bool ends_body = impl_->header_done && impl_->framing.how == form::until_close && !cut;
  return ends_body ? impl_->finish() : impl_->cut_short();
}

bool response_reader::header_done() const noexcept { return impl_->header_done; }

std::uint16_t response_reader::status() const noexcept {
  return impl_->head.head().interim() ? std::uint16_t{0} : impl_->head.head().status;
}

const std::optional<std::string>& response_reader::location() const noexcept {
  return impl_->head.head().location;
}

const std::vector<std::string>& response_reader::set_cookies() const noexcept {
  return impl_->head.head().set_cookies;
}

std::uint64_t response_reader::body_bytes() const noexcept { return impl_->body_bytes; }

std::uint64_t response_reader::decoded_bytes() const noexcept { return impl_->decoded_bytes; }

std::uint8_t response_reader::version() const noexcept {
  return impl_->head.head().interim() ? std::uint8_t{0} : impl_->head.head().version;
}

const std::vector<std::pair<std::string, std::string>>& response_reader::fields() const noexcept {
  return impl_->head.head().fields;
}

const std::string& response_reader::body() const noexcept { return impl_->body; }

std::size_t response_reader::bytes_left() const noexcept { return impl_->buffer.size(); }

probe_error response_reader::error() const noexcept { return impl_->error; }

const std::string& response_reader::detail() const noexcept { return impl_->detail; }

} // namespace xprober::http
