#include "server_core.hpp"

#include <algorithm>
#include <optional>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/net/browser_guard.hpp"
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
  case call_status::forbidden: return http::status::forbidden;
  case call_status::unavailable: return http::status::service_unavailable;
  }
  return http::status::internal_server_error;
}

/// What somebody is told who shows nothing that is known here.
std::string unknown_caller(const server_core& core, const net::request_context& context) {
  if (core.join && context.client_verified) {
    return "the certificate of " + shown_text(context.client_name) +
           " is not known here, or was revoked: join again with 'xprober agent join' and another "
           "token";
  }
  return std::string{"the token is missing or wrong: set rpc.token_file to the file with the "
                     "server's token"} +
         (core.join ? ", or join with 'xprober agent join'" : "");
}

net::http_response unauthorized(server_core& core, const net::request_context& context) {
  ++core.counters.unauthorized;
  core.log.warn(context.peer, "refused",
                context.client_verified ? "the certificate of " + shown_text(context.client_name) +
                                              " is not known here, or was revoked"
                                        : "the token is missing or wrong");
  auto response = net::error_response(http::status::unauthorized, unknown_caller(core, context));
  response.set(http::field::www_authenticate, "Bearer");
  return response;
}

net::http_response refuse(server_core& core, call_status status, const std::string& error) {
  ++core.counters.refused;
  return net::error_response(status_of(status), error);
}

/// Whether a request may go on to its body, by what its head says.
std::optional<net::http_response> judge_call(server_core& core, const net::router& routes,
                                             const net::http_request& head,
                                             const net::request_context& context) {
  if (auto foreign = net::judge_page(head)) {
    ++core.counters.refused;
    return foreign;
  }
  if (auto none = routes.judge(head, context)) {
    return none;
  }
  if (is_join_path(head)) {
    return judge_join_call(core, head, context);
  }
  if (grant_for(core, context.client_verified, context.client_name,
                header(head, http::field::authorization))) {
    return std::nullopt;
  }
  ++core.counters.requests;
  return unauthorized(core, context);
}

/// What the body of a request says, read on the thread for large ones where it is one.
asio::awaitable<decoded_call> read_call(std::shared_ptr<server_core> core,
                                        const net::http_request& request, std::string method,
                                        bool is_batch, wire_format format) {
  auto read = [core, &request, method = std::move(method), is_batch, format] {
    return is_batch ? decode_batch_call(request.body())
                    : decode_call(*core, method, request.body(), format);
  };
  const auto work = core->options.work;
  if (!work || request.body().size() <= net::quick_bytes) {
    co_return read();
  }
  co_return co_await work->run(std::move(read));
}

/// A large answer is copied there, too, since it may be a list that many get.
asio::awaitable<net::http_response> answer_with(std::shared_ptr<server_core> core,
                                                shared_bytes body, wire_format format) {
  auto make = [body, format] {
    return net::text_response(http::status::ok, *body, media_type(format));
  };
  const auto work = core->options.work;
  if (!work || body->size() <= net::quick_bytes) {
    co_return make();
  }
  co_return co_await work->run(std::move(make));
}

asio::awaitable<net::http_response> call(std::shared_ptr<server_core> core,
                                         const net::http_request& request,
                                         net::request_context context) {
  ++core->counters.requests;
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
  auto method = context.param("method");
  auto decoded = co_await read_call(core, request, std::move(method), is_batch, *format);
  if (decoded.status != call_status::ok) {
    co_return refuse(*core, decoded.status, decoded.error);
  }
  const auto grant = grant_for(*core, context.client_verified, context.client_name,
                               header(request, http::field::authorization));
  if (!grant) {
    co_return unauthorized(*core, context); // since its head was judged
  }
  if (const auto why = why_forbidden(*core, grant, decoded.call); !why.empty()) {
    core->log.warn(context.peer, "refused", why);
    co_return refuse(*core, call_status::forbidden, why);
  }
  auto answer =
      co_await perform(core, std::move(decoded.call), *answer_format, context.peer, false);
  if (answer.status != call_status::ok) {
    co_return refuse(*core, answer.status, answer.error);
  }
  co_return co_await answer_with(core, std::move(answer.body), *answer_format);
}

} // namespace

asio::awaitable<void> serve_rpc_http(std::shared_ptr<server_core> core,
                                     std::unique_ptr<net::stream> connection,
                                     std::shared_ptr<net::session_control> control) {
  net::router routes;
  add_join_routes(routes, core);
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
  options.account = core->options.account;
  options.judge = [core, &routes](const net::http_request& head,
                                  const net::request_context& context) {
    return judge_call(*core, routes, head, context);
  };
  co_await net::serve_http(
      std::move(connection),
      [&routes](const net::http_request& request, net::request_context context) {
        return routes.handle(request, std::move(context));
      },
      options, std::move(control));
}

} // namespace xprober::rpc
