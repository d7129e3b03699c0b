#include "xprober/web/common_routes.hpp"

#include <algorithm>

#include "xprober/bridge/ask.hpp"
#include "xprober/domain/comma_list.hpp"
#include "xprober/domain/targets/target_labels.hpp"
#include "xprober/net/condense.hpp"
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

asio::awaitable<response> made_small(std::shared_ptr<net::work_thread> work,
                                     net::condense_terms terms, asio::awaitable<response> answer) {
  auto whole = co_await std::move(answer);
  if (whole.body().size() <= net::quick_bytes) {
    work = nullptr;
  }
  auto pack = [terms = std::move(terms), whole = std::move(whole)]() mutable {
    return net::condense(terms, std::move(whole));
  };
  auto out = co_await made_apart(std::move(work), std::move(pack));
  const bool tagged = out.count(http::field::etag) > 0;
  out.set(http::field::cache_control, tagged ? "private, no-cache" : "no-store");
  out.set("X-Content-Type-Options", "nosniff");
  co_return out;
}

asio::awaitable<response> stats(common_handles_ptr handles) {
  auto answer = co_await bridge::query<stats_snapshot>(handles->gateway, handles->stats,
                                                       handles->patience, get_stats_atom_v);
  if (!answer) {
    co_return unavailable("stats", answer.error());
  }
  auto make = [all = std::move(*answer)] { return stats_json(all); };
  co_return co_await json_apart(handles->work, std::move(make));
}

asio::awaitable<response> healthy(common_handles_ptr handles) {
  if (handles->health) {
    // Who shares a thread with one that is at work may be silent for as long as `patience_of`.
    const auto patience = handles->patience * 2;
    const auto report = co_await bridge::query<health_report>(handles->gateway, handles->health,
                                                              patience, get_health_atom_v);
    if (!report) {
      co_return unavailable("health check", report.error());
    }
    if (!report->healthy) {
      co_return net::error_response(http::status::service_unavailable, report->sentence);
    }
    co_return net::text_response(http::status::ok, report->sentence + "\n");
  }
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

std::string listed(std::span<const std::string_view> names) {
  return comma_list(names, [](std::string_view name) {
    return std::string{name} + (name == label_prefix ? "NAME" : "");
  });
}

} // namespace

void add_common_routes(net::router& routes, const std::shared_ptr<const common_handles>& handles) {
  routes.get("/stats",
             condensed(*handles, [handles](const auto&, const auto&) { return stats(handles); }));
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

net::http_handler condensed(const common_handles& handles, net::http_handler handler) {
  return [work = handles.work, answers = handles.answers, handler = std::move(handler)](
             const net::http_request& request, net::request_context context) {
    auto key = answer_key(request, context);
    auto make = [work, handler, &request, context = std::move(context)] {
      return made_small(work, net::condense_terms_of(request), handler(request, context));
    };
    return answers->get(std::move(key), std::move(make));
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

std::optional<std::string> unknown_parameter(const net::query_params& query,
                                             std::span<const std::string_view> allowed) {
  const auto is_allowed = [&](std::string_view name) {
    return std::any_of(allowed.begin(), allowed.end(), [&](std::string_view known) {
      return name == known || (known == label_prefix && name.starts_with(known));
    });
  };
  for (const auto& [name, value] : query.all()) {
    if (!is_allowed(name)) {
      return "unknown parameter " + name +
             (allowed.empty() ? "; none is allowed" : "; allowed are " + listed(allowed));
    }
  }
  if (const auto& again = query.given_again(); !again.empty()) {
    return again + " is given more than once; allowed is one of each name";
  }
  return std::nullopt;
}

std::optional<std::vector<std::pair<std::string, std::string>>>
label_parameters(const net::query_params& query, std::string& problem) {
  std::vector<std::pair<std::string, std::string>> labels;
  for (const auto& [name, value] : query.all()) {
    if (!name.starts_with(label_prefix)) {
      continue;
    }
    const auto label = name.substr(label_prefix.size());
    if (!is_label_name(label)) {
      problem = name + ": a label's name has letters, digits and '_', and no digit first";
      return std::nullopt;
    }
    labels.emplace_back(label, value);
  }
  return labels;
}

std::optional<std::uint64_t> limit_parameter(const net::query_params& query, std::string& problem,
                                             std::uint64_t most) {
  if (!query.get("limit")) {
    return 100;
  }
  const auto limit = query.get_number("limit");
  if (!limit || *limit == 0 || *limit > most) {
    problem = "limit must be a whole number from 1 to " + std::to_string(most) + ", not \"" +
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
    problem = std::string(name) + " must be one of " + listed({allowed.begin(), allowed.size()}) +
              ", not \"" + *value + "\"";
    return std::nullopt;
  }
  return value;
}

} // namespace xprober::web
