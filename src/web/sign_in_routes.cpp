#include "xprober/web/sign_in_routes.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "xprober/web/json.hpp"
#include "xprober/web/sign_in_page.hpp"

namespace xprober::web {

namespace {

using gate_ptr = std::shared_ptr<access_gate>;

constexpr std::string_view nothing_to_show =
    "nobody has to sign in here: neither web.token_file nor web.read_token_file is set";
constexpr std::string_view wrong_token = "the token is not known here";
constexpr std::string_view tried_too_often =
    "too many attempts to sign in have failed; try again in a minute";

/// A token and where to go on. Anybody may send one, so it is read only where that takes no time.
constexpr std::size_t longest_sign_in = 8 * 1024;

net::http_response too_long() {
  return net::error_response(net::http::status::payload_too_large,
                             "the body must have at most " + std::to_string(longest_sign_in) +
                                 " bytes");
}

void ask_for_bearer(net::http_response& answer) {
  answer.set(net::http::field::www_authenticate, "Bearer realm=\"xprober\"");
}

void set_retry_after(net::http_response& answer) {
  answer.set(net::http::field::retry_after,
             std::to_string(std::chrono::seconds{net::attempt_limit::window}.count()));
}

net::http_response form_answer(net::http::status status, std::string_view to,
                               std::string_view problem) {
  auto answer = net::text_response(status, sign_in_page(to, problem), "text/html; charset=utf-8");
  answer.set("Content-Security-Policy", sign_in_policy());
  answer.set("Referrer-Policy", "same-origin"); // see access_gate
  return answer;
}

net::http_response go_to(std::string_view path) {
  auto answer = net::text_response(net::http::status::see_other, "");
  answer.set(net::http::field::location, std::string{path});
  return answer;
}

/// The token of `{"token": "..."}`; nothing for anything else.
std::optional<std::string> token_in(const std::string& body) {
  const auto document = json::parse(body, nullptr, false);
  if (!document.is_object() || !document.contains("token") || !document["token"].is_string()) {
    return std::nullopt;
  }
  return document["token"].get<std::string>();
}

net::http_response sign_in_call(access_gate& gate, const net::http_request& request,
                                const net::request_context& context) {
  if (!gate.can_sign_in()) {
    return net::error_response(net::http::status::not_found, nothing_to_show);
  }
  if (request.body().size() > longest_sign_in) {
    return too_long();
  }
  const auto token = token_in(request.body());
  if (!token) {
    return net::error_response(net::http::status::bad_request,
                               "the body must be {\"token\": \"...\"}");
  }
  const auto result = gate.sign_in(*token, context);
  if (result.too_often) {
    auto answer = net::error_response(net::http::status::too_many_requests, tried_too_often);
    set_retry_after(answer);
    return answer;
  }
  if (result.role == net::access_role::nobody) {
    auto answer = net::error_response(net::http::status::unauthorized, wrong_token);
    ask_for_bearer(answer);
    return answer;
  }
  json document = json::object();
  document["role"] = std::string{net::to_string(result.role)};
  document["expires_in_seconds"] = std::chrono::seconds{net::sign_in_sessions::lasts}.count();
  auto answer = net::json_response(net::http::status::ok, json_text(document));
  answer.set(net::http::field::set_cookie, result.cookie);
  return answer;
}

net::http_response sign_in_form(access_gate& gate, const net::http_request& request,
                                const net::request_context& context) {
  if (request.body().size() > longest_sign_in) {
    return too_long();
  }
  const net::query_params form{request.body()};
  const auto to = path_after_sign_in(form.get_or("to", "/"));
  if (!gate.can_sign_in()) {
    return go_to(to);
  }
  const auto result = gate.sign_in(form.get_or("token", ""), context);
  if (result.too_often) {
    auto answer = form_answer(net::http::status::too_many_requests, to, tried_too_often);
    set_retry_after(answer);
    return answer;
  }
  if (result.role == net::access_role::nobody) {
    auto answer = form_answer(net::http::status::unauthorized, to, wrong_token);
    ask_for_bearer(answer);
    return answer;
  }
  auto answer = go_to(to);
  answer.set(net::http::field::set_cookie, result.cookie);
  return answer;
}

net::http_response show_form(const access_gate& gate, const net::request_context& context) {
  const auto to = path_after_sign_in(context.query.get_or("to", "/"));
  return gate.can_sign_in() ? form_answer(net::http::status::ok, to, {}) : go_to(to);
}

template <class Answer>
net::asio::awaitable<net::http_response> ask_gate(gate_ptr gate, Answer answer,
                                                  const net::http_request& request,
                                                  net::request_context context) {
  co_return answer(*gate, request, context);
}

/// What answers at once, as a handler.
template <class Answer>
net::http_handler at_once(gate_ptr gate, Answer answer) {
  return [gate = std::move(gate), answer](const net::http_request& request,
                                          net::request_context context) {
    return ask_gate(gate, answer, request, std::move(context));
  };
}

} // namespace

void add_sign_in_routes(net::router& routes, const gate_ptr& gate) {
  routes.post("/api/v1/sign-in", at_once(gate, sign_in_call));
  routes.post("/sign-in", at_once(gate, sign_in_form));
  routes.get("/sign-in", at_once(gate, [](const access_gate& g, const net::http_request&,
                                          const net::request_context& context) {
               return show_form(g, context);
             }));
  routes.post("/api/v1/sign-out", at_once(gate, [](access_gate& g, const net::http_request& request,
                                                   const net::request_context&) {
                auto answer = net::text_response(net::http::status::no_content, "");
                answer.set(net::http::field::set_cookie, g.sign_out(request));
                return answer;
              }));
  routes.post("/sign-out", at_once(gate, [](access_gate& g, const net::http_request& request,
                                            const net::request_context&) {
                auto answer = go_to("/sign-in");
                answer.set(net::http::field::set_cookie, g.sign_out(request));
                return answer;
              }));
}

} // namespace xprober::web
