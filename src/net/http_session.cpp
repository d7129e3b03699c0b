#include "xprober/net/http_session.hpp"

#include <exception>
#include <new>
#include <optional>
#include <utility>

#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include "xprober/base/log.hpp"
#include "xprober/net/body_pump.hpp"
#include "xprober/net/browser_guard.hpp"
#include "xprober/net/http_request_reader.hpp"
#include "xprober/net/peer_key.hpp"
#include "xprober/net/progress.hpp"

namespace xprober::net {

namespace {

using clock = std::chrono::steady_clock;

/// Of a head, and while nothing is under way: ten thousand idle connections hold 40 MB.
constexpr std::size_t head_read_size = 4 * 1024;
constexpr std::size_t body_read_size = 64 * 1024;
/// Head and body up to this size go out as one piece.
constexpr std::size_t join_limit = 64 * 1024;

constexpr std::string_view message_pack = "MessagePack-RPC";

/// The protocol of a client that speaks no HTTP, by its first byte; empty where it is not known.
std::string_view other_protocol(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte == tls_first_byte) {
    return "TLS";
  }
  return (byte & 0xF0U) == 0x90U ? message_pack : std::string_view{};
}

/// Why a request could not be read, as an answer.
http_response refusal(const http_request_reader& reader) {
  switch (reader.fault()) {
  case request_fault::header_too_large:
  case request_fault::framing_too_large:
    return error_response(http::status::request_header_fields_too_large, reader.error());
  case request_fault::body_too_large:
    return error_response(http::status::payload_too_large, reader.error());
  default: return error_response(http::status::bad_request, reader.error());
  }
}

http_response no_room(const byte_charge& charge) {
  return busy_response(std::string{charge.reason()} + "; come again");
}

class session {
public:
  session(std::unique_ptr<stream> connection, http_handler handler, http_session_options options,
          std::shared_ptr<session_control> control)
      : connection_(std::move(connection)), handler_(std::move(handler)),
        options_(std::move(options)), control_(std::move(control)),
        reader_({options_.max_header, options_.max_body}),
        charge_(options_.account, peer_of(std::string_view{connection_->peer()})) {}

  asio::awaitable<void> run() {
    const auto attached =
        session_control::attach(control_, {[this] { finish_soon(); }, [this] { close(); }});
    // No co_await in a condition: g++ 12 destroys the wrong temporaries there.
    bool going_on = true;
    while (going_on && !control_->stopping()) {
      going_on = co_await wait_for_request();
      if (going_on) {
        going_on = co_await serve_one();
      }
    }
    connection_->close();
  }

private:
  /// A body that comes in pieces may have no end: it is not waited for.
  void finish_soon() {
    if (idle_) {
      connection_->close();
    } else if (pump_ != nullptr) {
      pump_->stop();
    }
  }

  void close() {
    connection_->close();
    if (pump_ != nullptr) {
      pump_->stop();
    }
  }

  /// Waits for the first byte of a request.
  asio::awaitable<bool> wait_for_request() {
    control_->enter(served_ ? session_stage::idle : session_stage::fresh);
    if (!reader_.empty()) {
      reader_.resume();
      co_return true;
    }
    idle_ = true;
    const auto count = co_await read_more(head_read_size, options_.idle_timeout);
    idle_ = false;
    co_return count > 0;
  }

  /// The bytes that came; none where the connection has ended or time is up.
  asio::awaitable<std::size_t> read_more(std::size_t most, milliseconds timeout) {
    if (timeout.count() <= 0) {
      co_return 0;
    }
    const auto room = reader_.prepare(most);
    const auto got =
        co_await connection_->read_some(asio::buffer(room.data(), room.size()), timeout);
    reader_.commit(got.bytes);
    co_return got.error ? 0 : got.bytes;
  }

  /// Reads one request and answers it. False when the connection has ended or must end.
  asio::awaitable<bool> serve_one() {
    // Told by the first byte: the end of a head would be waited for.
    if (const auto other = other_protocol(reader_.first()); !other.empty()) {
      auto told = other_protocol_answer(other);
      co_await refuse(std::move(told));
      co_return false;
    }
    const bool begun = co_await read_head();
    if (!begun) {
      co_return false;
    }
    const auto http_version = reader_.head().version();
    const bool head_only = reader_.head().method() == http::verb::head;
    const bool keep = reader_.head().keep_alive();
    if (auto refused = judge()) {
      const bool has_body = reader_.has_body();
      if (!has_body) {
        reader_.take();
      }
      refused->version(http_version);
      co_return co_await send(std::move(*refused), keep && !has_body, head_only);
    }
    served_ = true;
    const bool whole = co_await read_body();
    if (!whole) {
      co_return false;
    }
    control_->enter(session_stage::answering);
    auto request = reader_.take();
    auto response = co_await answer_of(std::move(request));
    response.version(http_version);
    co_return co_await send(std::move(response), keep, head_only);
  }

  /// What the handler says. The request ends here: while its answer is sent it holds nothing.
  asio::awaitable<http_response> answer_of(http_request request) {
    auto response = co_await call_handler(request);
    if (!response.next_chunk && !charge_.hold_answer(response.body().size())) {
      response = busy_response("too many large answers are being sent at once; come again");
    }
    co_return response;
  }

  /// Sends an answer. True when the connection stays.
  asio::awaitable<bool> send(http_response response, bool keep, bool head_only) {
    control_->enter(session_stage::sending);
    const bool has_end = !response.next_chunk || response.version() >= 11;
    const bool stays = keep && has_end && !control_->stopping() && response.keep_alive();
    bool written = false;
    if (response.next_chunk) {
      written = co_await answer_in_chunks(std::move(response), stays, head_only);
    } else {
      written = co_await answer(std::move(response), stays, head_only);
    }
    charge_.hold(0);
    if (written && !stays) {
      co_await connection_->finish();
    }
    co_return written&& stays;
  }

  http_response other_protocol_answer(std::string_view other) const {
    auto text = "the client speaks " + std::string{other} + ", and this port " +
                (connection_->secure() ? "HTTP over TLS" : "plain HTTP");
    if (other == message_pack && !options_.elsewhere.empty()) {
      text += ": " + options_.elsewhere;
    }
    if (options_.log) {
      options_.log->warn(connection_->peer(), "no HTTP request", text);
    }
    return error_response(http::status::bad_request, text);
  }

  asio::awaitable<void> refuse(http_response response) {
    co_await answer(std::move(response), false, false);
    co_await connection_->finish();
  }

  /// Reads on until the head is whole. False where it was refused, or does not come.
  asio::awaitable<bool> read_head() {
    const auto deadline = clock::now() + options_.header_timeout;
    while (!reader_.has_head()) {
      if (reader_.fault() != request_fault::none) {
        auto told = refusal(reader_);
        co_await refuse(std::move(told));
        co_return false;
      }
      const auto left = std::chrono::ceil<milliseconds>(deadline - clock::now());
      const auto count = co_await read_more(head_read_size, left);
      if (count == 0) {
        co_return false;
      }
    }
    co_return true;
  }

  /// The answer to a head that is refused.
  std::optional<http_response> judge() const {
    return options_.judge ? options_.judge(reader_.head(), make_context()) : std::nullopt;
  }

  /// Reads the body, where there is one. False where it was refused, or does not come.
  asio::awaitable<bool> read_body() {
    if (reader_.has_body()) {
      control_->enter(session_stage::receiving);
    }
    const bool asks = wants_continue(reader_);
    const auto length = reader_.named_length();
    if (length <= options_.max_body && !charge_.may_hold(length)) {
      auto told = no_room(charge_);
      co_await refuse(std::move(told));
      co_return false;
    }
    reader_.want_body();
    if (asks && !reader_.done() && reader_.fault() == request_fault::none) {
      co_await say_continue();
    }
    progress_deadline deadline{options_.body_window};
    deadline.begin(clock::now());
    while (true) {
      if (reader_.fault() != request_fault::none) {
        auto told = refusal(reader_);
        co_await refuse(std::move(told));
        co_return false;
      }
      if (!charge_.hold(reader_.held())) {
        auto told = no_room(charge_);
        co_await refuse(std::move(told));
        co_return false;
      }
      if (reader_.done()) {
        co_return true;
      }
      const auto count = co_await read_more(body_read_size, deadline.left(clock::now()));
      if (count == 0) {
        co_return false;
      }
      deadline.received(count, clock::now());
    }
  }

  static bool wants_continue(const http_request_reader& reader) {
    return reader.has_body() &&
           http::token_list{reader.head()[http::field::expect]}.exists("100-continue");
  }

  asio::awaitable<void> say_continue() {
    static constexpr std::string_view line = "HTTP/1.1 100 Continue\r\n\r\n";
    // g++ 12 cannot build an initializer list inside of a co_await expression.
    std::vector<asio::const_buffer> parts{asio::buffer(line)};
    co_await connection_->write(std::move(parts), options_.write_timeout);
  }

  request_context make_context() const {
    request_context context;
    context.peer = connection_->peer();
    context.secure = connection_->secure();
    context.client_verified = connection_->peer_verified();
    context.client_name = connection_->peer_name();
    return context;
  }

  asio::awaitable<http_response> call_handler(const http_request& request) {
    std::string problem;
    auto context = make_context();
    bool no_memory = false;
    try {
      co_return co_await handler_(request, std::move(context));
    } catch (const std::bad_alloc&) {
      no_memory = true;
    } catch (const std::exception& e) {
      problem = e.what();
    }
    if (no_memory) {
      log::error("http", "there was no memory for an answer",
                 {{"target", std::string{request.target()}}});
      co_return busy_response("there is no memory for this answer now; come again");
    }
    log::error("http", "a handler failed",
               {{"target", std::string{request.target()}}, {"error", problem}});
    co_return error_response(http::status::internal_server_error, "internal error: " + problem);
  }

  asio::awaitable<bool> answer(http_response response, bool keep, bool head_only) {
    guard_answer(response);
    response.keep_alive(keep);
    response.prepare_payload();
    if (response.result() == http::status::not_modified) {
      response.erase(http::field::content_length); // it would be that of the whole answer
    }
    if (head_only) {
      response.body().clear();
    }
    auto head = http_head(response);
    std::vector<asio::const_buffer> parts;
    if (head.size() + response.body().size() <= join_limit) {
      head += response.body();
      parts = {asio::buffer(head)};
    } else {
      parts = {asio::buffer(head), asio::buffer(response.body())};
    }
    const auto result = co_await connection_->write(std::move(parts), options_.write_timeout);
    co_return !result.error;
  }

  /// False when the body has no orderly end, which ends the connection.
  asio::awaitable<bool> answer_in_chunks(http_response response, bool keep, bool head_only) {
    const bool chunked = response.version() >= 11;
    guard_answer(response);
    response.keep_alive(keep);
    response.chunked(chunked);
    const auto head = http_head(response);
    std::vector<asio::const_buffer> parts{asio::buffer(head)};
    const auto result = co_await connection_->write(std::move(parts), options_.write_timeout);
    if (result.error || head_only) {
      co_return !result.error;
    }
    body_pump pump{*connection_, std::move(response.next_chunk), chunked, options_.write_timeout};
    if (control_->stopping()) {
      pump.stop();
    }
    pump_ = &pump;
    const bool whole = co_await pump.run();
    pump_ = nullptr;
    co_return whole;
  }

  static void guard_answer(http_response& response) {
    for (const auto& [name, value] : browser_headers()) {
      if (response.count(name) == 0) {
        response.set(name, value);
      }
    }
  }

  std::unique_ptr<stream> connection_;
  http_handler handler_;
  http_session_options options_;
  std::shared_ptr<session_control> control_;
  http_request_reader reader_;
  byte_charge charge_;
  bool idle_ = false;
  bool served_ = false;       ///< a head was accepted
  body_pump* pump_ = nullptr; ///< while a body comes in pieces
};

} // namespace

std::string http_head(const http_response& response) {
  std::string head = response.version() == 10 ? "HTTP/1.0 " : "HTTP/1.1 ";
  head += std::to_string(response.result_int());
  head += ' ';
  head += std::string_view{response.reason().data(), response.reason().size()};
  head += "\r\n";
  for (const auto& field : response) {
    head += std::string_view{field.name_string().data(), field.name_string().size()};
    head += ": ";
    head += std::string_view{field.value().data(), field.value().size()};
    head += "\r\n";
  }
  head += "\r\n";
  return head;
}

asio::awaitable<void> serve_http(std::unique_ptr<stream> connection, http_handler handler,
                                 http_session_options options,
                                 std::shared_ptr<session_control> control) {
  session serving{std::move(connection), std::move(handler), options, std::move(control)};
  co_await serving.run();
}

} // namespace xprober::net
