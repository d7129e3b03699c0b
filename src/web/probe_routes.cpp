#include "xprober/web/probe_routes.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <utility>

#include "xprober/bridge/ask.hpp"
#include "xprober/web/probe_text.hpp"
#include "xprober/web/prometheus_text.hpp"

namespace xprober::web {

namespace {

namespace asio = boost::asio;
namespace http = net::http;
using response = net::http_response;

constexpr std::string_view timeout_header = "X-Prometheus-Scrape-Timeout-Seconds";
constexpr double default_timeout = 120;
constexpr double offset = 0.5;

struct route_parts {
  caf::actor gateway;
  probe_handles probing;
  milliseconds patience;
};

response problem(http::status status, std::string_view text) {
  return net::text_response(status, std::string{text} + "\n");
}

response refusal(const probe_answer& answer) {
  switch (answer.refused) {
  case probe_refusal::off: return problem(http::status::not_found, answer.problem);
  case probe_refusal::unknown_module:
  case probe_refusal::bad_hostname: return problem(http::status::bad_request, answer.problem);
  case probe_refusal::secrets: return problem(http::status::forbidden, answer.problem);
  case probe_refusal::none:
  case probe_refusal::too_many:
  case probe_refusal::ending: break;
  }
  return problem(http::status::service_unavailable, answer.problem);
}

asio::awaitable<response> probe(std::shared_ptr<const route_parts> parts, std::string timeout,
                                net::request_context context) {
  probe_question question;
  question.target = context.query.get_or("target", "");
  question.module = context.query.get_or("module", "http_2xx");
  question.hostname = context.query.get_or("hostname", "");
  question.with_lines = context.query.get_or("debug", "") == "true";
  if (question.target.empty()) {
    co_return problem(http::status::bad_request, "Target parameter is missing");
  }
  const auto limit = scrape_time_limit(timeout);
  if (!limit) {
    co_return problem(http::status::bad_request,
                      std::string{timeout_header} +
                          " is not a number of seconds: " + net::json_quote(timeout));
  }
  question.time_limit = *limit;
  const auto wait = std::chrono::ceil<milliseconds>(*limit) + parts->patience;
  auto got =
      co_await bridge::ask<probe_answer_ptr>(parts->gateway, parts->probing.prober, wait, question);
  if (!got) {
    co_return unavailable("prober", got.error());
  }
  const auto& answer = **got;
  const auto& presenters = parts->probing.presenters;
  if (answer.refused != probe_refusal::none) {
    co_return refusal(answer);
  }
  if (answer.outcome.error == probe_error::not_allowed) {
    co_return problem(http::status::forbidden, "The probe was not made: " + answer.outcome.detail);
  }
  if (is_local(answer.outcome.error)) { // nothing is known of the target
    co_return problem(http::status::service_unavailable,
                      "The probe was not made: " + answer.outcome.detail);
  }
  if (question.with_lines) {
    co_return net::text_response(
        http::status::ok,
        probe_debug_text(question, answer, presenters, parts->probing.module_text(*answer.module)));
  }
  co_return net::text_response(http::status::ok, probe_metrics(answer, presenters),
                               prometheus_content_type);
}

} // namespace

std::optional<nanoseconds> scrape_time_limit(std::string_view timeout_seconds) {
  double timeout = 0;
  const auto [at, error] = std::from_chars(
      timeout_seconds.data(), timeout_seconds.data() + timeout_seconds.size(), timeout);
  if (!timeout_seconds.empty() &&
      (error != std::errc{} || at != timeout_seconds.data() + timeout_seconds.size() ||
       !std::isfinite(timeout) || timeout < 0)) {
    return std::nullopt;
  }
  if (timeout == 0) {
    timeout = default_timeout;
  }
  timeout = std::min(timeout, 3600.0); // no module takes longer
  return std::chrono::duration_cast<nanoseconds>(
      std::chrono::duration<double>(timeout - std::min(offset, timeout / 2)));
}

void add_probe_route(net::router& routes, const common_handles& handles, probe_handles probing) {
  const auto parts = std::make_shared<const route_parts>(
      route_parts{handles.gateway, std::move(probing), handles.patience});
  routes.get("/probe", uncached([parts](const net::http_request& request, auto context) {
               const auto field = request[std::string{timeout_header}];
               return probe(parts, std::string{field.data(), field.size()}, std::move(context));
             }));
}

} // namespace xprober::web
