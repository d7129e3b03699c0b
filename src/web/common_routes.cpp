#include "xprober/web/common_routes.hpp"

#include <algorithm>

#include "xprober/bridge/ask.hpp"
#include "xprober/web/page.hpp"
#include "xprober/web/stats_json.hpp"

namespace xprober::web {

namespace {

namespace asio = boost::asio;
namespace http = net::http;
using response = net::http_response;
using common_handles_ptr = std::shared_ptr<const common_handles>;

asio::awaitable<response> without_cache(asio::awaitable<response> answer) {
  auto out = co_await std::move(answer);
  out.set(http::field::cache_control, "no-store");
  out.set("X-Content-Type-Options", "nosniff");
  co_return out;
}

asio::awaitable<response> stats(common_handles_ptr handles) {
  const auto answer = co_await bridge::query<stats_snapshot>(handles->gateway, handles->stats,
                                                             handles->patience, get_stats_atom_v);
  if (!answer) {
    co_return unavailable("stats", answer.error());
  }
  co_return net::json_response(http::status::ok, stats_json(*answer));
}

asio::awaitable<response> healthy(common_handles_ptr handles) {
  const auto answer = co_await bridge::query<stats_snapshot>(handles->gateway, handles->stats,
                                                             handles->patience, get_stats_atom_v);
  if (!answer) {
    co_return unavailable("stats", answer.error());
  }
  co_return net::text_response(http::status::ok, "healthy\n");
}

asio::awaitable<response> reload(common_handles_ptr handles) {
  if (!handles->reload) {
    co_return net::error_response(http::status::not_implemented,
                                  "this process has no configuration file to read again");
  }
  const auto problems = co_await handles->reload();
  if (!problems.empty()) {
    co_return net::error_response(http::status::internal_server_error,
                                  "the old configuration stays in force: " + problems);
  }
  co_return net::text_response(http::status::ok, "reloaded\n");
}

std::string listed(std::initializer_list<std::string_view> names) {
  std::string out;
  for (const auto name : names) {
    out += out.empty() ? "" : ", ";
    out += name;
  }
  return out;
}

} // namespace

void add_common_routes(net::router& routes, const std::shared_ptr<const common_handles>& handles) {
  routes.get("/stats", uncached([handles](const auto&, const auto&) { return stats(handles); }));
  routes.get("/-/healthy",
             uncached([handles](const auto&, const auto&) { return healthy(handles); }));
  routes.post("/-/reload",
              uncached([handles](const auto&, const auto&) { return reload(handles); }));
}

net::http_handler uncached(net::http_handler handler) {
  return [handler = std::move(handler)](const net::http_request& request,
                                        net::request_context context) {
    return without_cache(handler(request, std::move(context)));
  };
}

response bad_request(std::string_view problem) {
  return net::error_response(http::status::bad_request, problem);
}

response unavailable(std::string_view actor, const caf::error& reason) {
  return net::error_response(http::status::service_unavailable,
                             "the " + std::string(actor) +
                                 " cannot answer now: " + bridge::error_text(reason));
}

response page_response(std::string html) {
  static const auto policy = page_security_policy();
  auto out = net::text_response(http::status::ok, std::move(html), "text/html; charset=utf-8");
  out.set("Content-Security-Policy", policy);
  out.set("Referrer-Policy", "no-referrer");
  return out;
}

std::optional<std::string> unknown_parameter(const net::query_params& query,
                                             std::initializer_list<std::string_view> allowed) {
  for (const auto& [name, value] : query.all()) {
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
      return "unknown parameter " + name +
             (allowed.size() == 0 ? "; none is allowed" : "; allowed are " + listed(allowed));
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> limit_parameter(const net::query_params& query, std::string& problem) {
  if (!query.get("limit")) {
    return 100;
  }
  const auto limit = query.get_number("limit");
  if (!limit || *limit == 0 || *limit > max_listing) {
    problem = "limit must be a whole number from 1 to " + std::to_string(max_listing) + ", not \"" +
              query.get_or("limit", "") + "\"";
    return std::nullopt;
  }
  return limit;
}

std::optional<std::string> choice_parameter(const net::query_params& query, std::string_view name,
                                            std::initializer_list<std::string_view> allowed,
                                            std::string& problem) {
  auto value = query.get(name);
  if (!value) {
    return "";
  }
  if (std::find(allowed.begin(), allowed.end(), *value) == allowed.end()) {
    problem = std::string(name) + " must be one of " + listed(allowed) + ", not \"" + *value + "\"";
    return std::nullopt;
  }
  return value;
}

} // namespace xprober::web
