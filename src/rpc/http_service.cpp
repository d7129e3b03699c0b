#include "server_core.hpp"

#include <algorithm>
#include <optional>

#include "xprober/domain/ascii.hpp"
#include "xprober/net/http_session.hpp"
#include "xprober/net/router.hpp"
#include "xprober/rpc/envelope.hpp"

namespace xprober::rpc {

namespace {

namespace http = boost::beast::http;

std::string_view header(const net::http_request& request, http::field name) {
  const auto value = request[name];
  return {value.data(), value.size()};
}

/// Lower case, without parameters and blanks.
std::string bare_media_type(std::string_view text) {
  text = text.substr(0, text.find(';'));
  std::string bare;
  for (char c : text) {
    if (c != ' ' && c != '\t') {
      bare += ascii::lower(c);
    }
  }
  return bare;
}

std::optional<wire_format> format_of(std::string_view text) {
  const auto type = bare_media_type(text);
  if (type == media_type(wire_format::json)) {
    return wire_format::json;
  }
  if (type == media_type(wire_format::msgpack) || type == "application/x-msgpack" ||
      type == "application/vnd.msgpack") {
    return wire_format::msgpack;
  }
  return std::nullopt;
}

/// The first format of the Accept header that there is; `fallback` where anything is accepted.
std::optional<wire_format> accepted(std::string_view accept, wire_format fallback) {
  if (bare_media_type(accept).empty()) {
    return fallback;
  }
  while (!accept.empty()) {
    const auto end = std::min(accept.find(','), accept.size());
    const auto item = accept.substr(0, end);
    accept.remove_prefix(std::min(end + 1, accept.size()));
    if (const auto format = format_of(item)) {
      return format;
    }
    const auto type = bare_media_type(item);
    if (type == "*/*" || type == "application/*") {
      return fallback;
    }
  }
  return std::nullopt;
}

http::status status_of(call_status status) {
  switch (status) {
  case call_status::ok: return http::status::ok;
  case call_status::unknown_method: return http::status::not_found;
  case call_status::bad_request: return http::status::bad_request;
  case call_status::unavailable: return http::status::service_unavailable;
  }
  return http::status::internal_server_error;
}

net::http_response unauthorized(server_core& core, const net::request_context& context) {
  ++core.counters.unauthorized;
  core.log.warn(context.peer, "refused", "the token is missing or wrong");
  auto response = net::error_response(http::status::unauthorized,
                                      "the token is missing or wrong: set rpc.token_file to the "
                                      "file with the server's token");
  response.set(http::field::www_authenticate, "Bearer");
  return response;
}

net::http_response refuse(server_core& core, call_status status, const std::string& error) {
  ++core.counters.refused;
  return net::error_response(status_of(status), error);
}

asio::awaitable<net::http_response> call(std::shared_ptr<server_core> core,
                                         const net::http_request& request,
                                         net::request_context context) {
  ++core->counters.requests;
  if (!may_call(*core, context.client_verified, header(request, http::field::authorization))) {
    co_return unauthorized(*core, context);
  }
  const bool is_batch =
      context.param("method") == methods::push_batch &&
      bare_media_type(header(request, http::field::content_type)) == batch_media_type;
  // The format of its answer where Accept names none.
  const auto format = is_batch ? std::optional{wire_format::json}
                               : format_of(header(request, http::field::content_type));
  if (!format) {
    co_return net::error_response(http::status::unsupported_media_type,
                                  "the body must be application/json or application/msgpack (of "
                                  "Server.PushBatch: application/x-xprober-batch), as "
                                  "Content-Type says");
  }
  const auto answer_format = accepted(header(request, http::field::accept), *format);
  if (!answer_format) {
    co_return net::error_response(http::status::not_acceptable,
                                  "answers are application/json or application/msgpack");
  }
  auto decoded = is_batch ? decode_batch_call(request.body())
                          : decode_call(*core, context.param("method"), request.body(), *format);
  if (decoded.status != call_status::ok) {
    co_return refuse(*core, decoded.status, decoded.error);
  }
  auto answer =
      co_await perform(core, std::move(decoded.call), *answer_format, context.peer, false);
  if (answer.status != call_status::ok) {
    co_return refuse(*core, answer.status, answer.error);
  }
  co_return net::text_response(http::status::ok, *answer.body, media_type(*answer_format));
}

} // namespace

asio::awaitable<void> serve_rpc_http(std::shared_ptr<server_core> core,
                                     std::unique_ptr<net::stream> connection,
                                     std::shared_ptr<net::session_control> control) {
  net::router routes;
  routes.post("/rpc/{method}",
              [core](const net::http_request& request, net::request_context context) {
                return call(core, request, std::move(context));
              });
  routes.explain("/", "agents are served here, at rpc_listen_addr; pages, /metrics and the API are "
                      "at metrics_listen_addr");
  net::http_session_options options;
  options.max_body = core->options.frame.max_bytes;
  options.idle_timeout = core->options.idle_timeout;
  options.body_window = core->options.message_window;
  options.write_timeout = core->options.write_timeout;
  co_await net::serve_http(
      std::move(connection),
      [&routes](const net::http_request& request, net::request_context context) {
        return routes.handle(request, std::move(context));
      },
      options, std::move(control));
}

} // namespace xprober::rpc
