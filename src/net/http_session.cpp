#include "xprober/net/http_session.hpp"

#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/parser.hpp>

#include "xprober/base/log.hpp"
#include "xprober/net/progress.hpp"

namespace xprober::net {

namespace {

namespace beast = boost::beast;
using boost::system::error_code;
using clock = std::chrono::steady_clock;
using request_parser = http::request_parser<http::string_body>;

constexpr std::size_t request_read_size = 64 * 1024;
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
http_response refusal(const error_code& error, const http_session_options& options) {
  if (error == http::error::header_limit) {
    return error_response(http::status::request_header_fields_too_large,
                          "the request's header is above " + std::to_string(options.max_header) +
                              " bytes");
  }
  if (error == http::error::body_limit) {
    return error_response(http::status::payload_too_large, "the request's body is above " +
                                                               std::to_string(options.max_body) +
                                                               " bytes");
  }
  return error_response(http::status::bad_request, "no HTTP request: " + error.message());
}

class session {
public:
  session(std::unique_ptr<stream> connection, http_handler handler, http_session_options options,
          std::shared_ptr<session_control> control)
      : connection_(std::move(connection)), handler_(std::move(handler)),
        options_(std::move(options)), control_(std::move(control)) {}

  asio::awaitable<void> run() {
    const auto attached = session_control::attach(
        control_, {[this] { finish_if_idle(); }, [this] { connection_->close(); }});
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
  void finish_if_idle() {
    if (idle_) {
      connection_->close();
    }
  }

  /// Waits for the first byte of a request.
  asio::awaitable<bool> wait_for_request() {
    if (!input_.empty()) {
      co_return true;
    }
    idle_ = true;
    const auto error = co_await read_more(options_.idle_timeout);
    idle_ = false;
    co_return !error;
  }

  asio::awaitable<error_code> read_more(milliseconds timeout) {
    const auto before = input_.size();
    input_.resize(before + request_read_size);
    const auto got =
        co_await connection_->read_some(asio::buffer(&input_[before], request_read_size), timeout);
    input_.resize(before + got.bytes);
    co_return got.error;
  }

  /// Reads one request and answers it. False when the connection has ended or must end.
  asio::awaitable<bool> serve_one() {
    // Told by the first byte: the end of a head would be waited for.
    if (const auto other = other_protocol(input_.front()); !other.empty()) {
      co_await refuse(other_protocol_answer(other));
      co_return false;
    }
    request_parser parser;
    parser.header_limit(options_.max_header);
    parser.body_limit(options_.max_body);
    const auto error = co_await read_request(parser);
    if (error && is_disconnect(error)) {
      co_return false; // too slow, or gone
    }
    if (error) {
      co_await refuse(refusal(error, options_));
      co_return false;
    }
    const auto request = parser.release();
    const bool keep = request.keep_alive();
    auto response = co_await call_handler(request);
    const bool stays = keep && !control_->stopping() && response.keep_alive();
    response.version(request.version());
    const bool written =
        co_await answer(std::move(response), stays, request.method() == http::verb::head);
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

  asio::awaitable<error_code> read_request(request_parser& parser) {
    const auto header_deadline = clock::now() + options_.header_timeout;
    progress_deadline body{options_.body_window};
    bool in_body = false;
    error_code error;
    while (true) {
      const bool wants_more = co_await parse(parser, error);
      if (!wants_more || error) {
        break;
      }
      const auto now = clock::now();
      if (parser.is_header_done() && !std::exchange(in_body, true)) {
        body.begin(now);
      }
      const auto left =
          in_body ? body.left(now) : std::chrono::ceil<milliseconds>(header_deadline - now);
      if (left.count() <= 0) {
        co_return error_code{beast::error::timeout};
      }
      const auto before = input_.size();
      error = co_await read_more(left);
      if (error) {
        co_return error;
      }
      body.received(input_.size() - before, clock::now());
    }
    co_return error;
  }

  /// Parses what has come. True when more is needed.
  asio::awaitable<bool> parse(request_parser& parser, error_code& error) {
    bool had_header = parser.is_header_done();
    while (!input_.empty() && !parser.is_done()) {
      const auto used = parser.put(asio::buffer(input_), error);
      input_.erase(0, used);
      if (error == http::error::need_more) {
        error = {};
        co_return true;
      }
      if (error) {
        co_return false;
      }
      if (!had_header && parser.is_header_done()) {
        had_header = true;
        parser.eager(true);
        if (http::token_list{parser.get()[http::field::expect]}.exists("100-continue")) {
          co_await say_continue();
        }
      }
      if (used == 0) {
        break;
      }
    }
    co_return !parser.is_done();
  }

  asio::awaitable<void> say_continue() {
    static constexpr std::string_view line = "HTTP/1.1 100 Continue\r\n\r\n";
    // g++ 12 cannot build an initializer list inside of a co_await expression.
    std::vector<asio::const_buffer> parts{asio::buffer(line)};
    co_await connection_->write(std::move(parts), options_.write_timeout);
  }

  asio::awaitable<http_response> call_handler(const http_request& request) {
    request_context context;
    context.peer = connection_->peer();
    context.secure = connection_->secure();
    context.client_verified = connection_->peer_verified();
    std::string problem;
    try {
      co_return co_await handler_(request, std::move(context));
    } catch (const std::exception& e) {
      problem = e.what();
    }
    log::error("http", "a handler failed",
               {{"target", std::string{request.target()}}, {"error", problem}});
    co_return error_response(http::status::internal_server_error, "internal error: " + problem);
  }

  asio::awaitable<bool> answer(http_response response, bool keep, bool head_only) {
    response.keep_alive(keep);
    response.prepare_payload();
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

  std::unique_ptr<stream> connection_;
  http_handler handler_;
  http_session_options options_;
  std::shared_ptr<session_control> control_;
  std::string input_;
  bool idle_ = false;
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
