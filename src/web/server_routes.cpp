#include "xprober/web/server_routes.hpp"

#include <memory>

#include "xprober/bridge/ask.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/web/api_json.hpp"
#include "xprober/web/history_json.hpp"
#include "xprober/web/page.hpp"
#include "xprober/web/prometheus_text.hpp"
#include "xprober/web/server_metrics.hpp"

namespace xprober::web {

namespace {

namespace asio = boost::asio;
namespace http = net::http;
using response = net::http_response;
using server_handles_ptr = std::shared_ptr<const server_handles>;

asio::awaitable<caf::expected<stats_snapshot>> ask_stats(server_handles_ptr h) {
  co_return co_await bridge::query<stats_snapshot>(h->common.gateway, h->common.stats,
                                                   h->common.patience, get_stats_atom_v);
}

asio::awaitable<caf::expected<store_view>> ask_store(server_handles_ptr h, bool with_targets) {
  const store_query question{with_targets};
  co_return co_await bridge::query<store_view>(h->common.gateway, h->store, h->common.patience,
                                               question);
}

asio::awaitable<caf::expected<agent_listing>> ask_agents(server_handles_ptr h) {
  co_return co_await bridge::query<agent_listing>(h->common.gateway, h->registry,
                                                  h->common.patience, get_agents_atom_v);
}

/// The labels of all targets; null where there are none or the pool is too busy to say: what was
/// measured is shown without them then.
asio::awaitable<target_labels_ptr> ask_labels(server_handles_ptr h) {
  if (!h->pool) {
    co_return nullptr;
  }
  const auto labels = co_await bridge::query<target_labels_ptr>(
      h->common.gateway, h->pool, h->common.patience, get_labels_atom_v);
  co_return labels ? *labels : nullptr;
}

asio::awaitable<response> page(server_handles_ptr h) {
  auto stats = co_await ask_stats(h);
  if (!stats) {
    co_return unavailable("stats", stats.error());
  }
  server_page_data data;
  data.head.now = wall_clock::now();
  data.stats = std::move(*stats);
  data.with_targets = data.stats.ingest.stored_series <= max_page_series;
  if (auto store = co_await ask_store(h, data.with_targets)) {
    data.store = std::move(*store);
  } else {
    data.store_problem = bridge::error_text(store.error());
  }
  if (auto agents = co_await ask_agents(h)) {
    data.agents = std::move(*agents);
  } else {
    data.agents_problem = bridge::error_text(agents.error());
  }
  co_return page_response(server_page(data));
}

asio::awaitable<response> metrics(server_handles_ptr h) {
  const auto stats = co_await ask_stats(h);
  if (!stats) {
    co_return unavailable("stats", stats.error());
  }
  const auto store = co_await ask_store(h, h->metrics_per_target);
  if (!store) {
    co_return unavailable("store", store.error());
  }
  target_labels_ptr labels;
  if (h->metrics_per_target) {
    labels = co_await ask_labels(h);
  }
  const auto clocks = co_await ask_agents(h);
  const auto known = clocks ? *clocks : agent_listing{};
  co_return net::text_response(http::status::ok,
                               server_metrics(*stats, **store, known, labels.get()),
                               prometheus_content_type);
}

asio::awaitable<response> list_regions(server_handles_ptr h, net::request_context context) {
  if (const auto problem = unknown_parameter(context.query, {})) {
    co_return bad_request(*problem);
  }
  const auto store = co_await ask_store(h, false);
  if (!store) {
    co_return unavailable("store", store.error());
  }
  const auto agents = co_await ask_agents(h);
  if (!agents) {
    co_return unavailable("registry", agents.error());
  }
  co_return net::json_response(http::status::ok, regions_json(**store, *agents));
}

asio::awaitable<response> show_matrix(server_handles_ptr h, net::request_context context) {
  if (const auto problem = unknown_parameter(context.query, {"metric", "probe_type"})) {
    co_return bad_request(*problem);
  }
  std::string problem;
  const auto name =
      choice_parameter(context.query, "metric", {"latency", "drop_rate", "success"}, problem);
  if (!name) {
    co_return bad_request(problem);
  }
  const auto store = co_await ask_store(h, false);
  if (!store) {
    co_return unavailable("store", store.error());
  }
  const auto kind = context.query.get_or("probe_type", mesh_kind().name);
  if (const auto wrong = kind_name_problem(**store, kind, result_group::pair)) {
    co_return bad_request(*wrong);
  }
  if (const auto wrong = matrix_problem(**store, kind)) {
    co_return bad_request(*wrong);
  }
  const auto metric = parse_matrix_metric(*name).value_or(matrix_metric::latency);
  co_return net::json_response(http::status::ok, matrix_json(**store, kind, metric));
}

std::optional<stored_filter> read_filter(const net::query_params& query, std::string& problem) {
  if (auto unknown = unknown_parameter(
          query, {"source_region", "target_region", "probe_type", "state", "limit"})) {
    problem = std::move(*unknown);
    return std::nullopt;
  }
  const auto state = choice_parameter(query, "state", {"ok", "failing"}, problem);
  const auto limit = limit_parameter(query, problem);
  if (!state || !limit) {
    return std::nullopt;
  }
  return stored_filter{query.get("source_region"), query.get("target_region"),
                       query.get_or("probe_type", ""), *state, *limit};
}

asio::awaitable<response> list_targets(server_handles_ptr h, net::request_context context) {
  std::string problem;
  const auto filter = read_filter(context.query, problem);
  if (!filter) {
    co_return bad_request(problem);
  }
  const auto store = co_await ask_store(h, true);
  if (!store) {
    co_return unavailable("store", store.error());
  }
  if (!filter->kind.empty()) {
    if (const auto wrong = kind_name_problem(**store, filter->kind)) {
      co_return bad_request(*wrong);
    }
  }
  const auto labels = co_await ask_labels(h);
  co_return net::json_response(http::status::ok,
                               stored_targets_json(**store, *filter, labels.get()));
}

asio::awaitable<response> list_agents(server_handles_ptr h, net::request_context context) {
  if (const auto problem = unknown_parameter(context.query, {})) {
    co_return bad_request(*problem);
  }
  const auto listing = co_await ask_agents(h);
  if (!listing) {
    co_return unavailable("registry", listing.error());
  }
  co_return net::json_response(http::status::ok, agents_json(*listing));
}

asio::awaitable<response> show_history(server_handles_ptr h, net::request_context context) {
  std::string problem;
  const auto question =
      read_history_question(context.query, to_unix_seconds(wall_clock::now()), problem);
  if (!question) {
    co_return bad_request(problem);
  }
  if (!h->history) {
    co_return net::error_response(http::status::not_found,
                                  "there is no history: history.enabled is false");
  }
  const auto answer = co_await bridge::query<history_answer>(h->common.gateway, h->history,
                                                             h->common.patience, question->query);
  if (!answer) {
    co_return unavailable("history", answer.error());
  }
  const auto& series = **answer;
  if (!series.plan.problem.empty()) {
    co_return bad_request(series.plan.problem);
  }
  if (!series.unavailable.empty()) {
    co_return net::error_response(http::status::service_unavailable,
                                  "the history cannot be read now: " + series.unavailable);
  }
  co_return net::json_response(http::status::ok, history_json(*question, series));
}

asio::awaitable<response> unknown_endpoint(net::request_context context) {
  co_return net::error_response(
      http::status::not_found,
      "no such endpoint: " + context.path +
          "; below /api/v1/ there are regions, matrix, targets, agents, history");
}

/// Once its listeners are up a server can do all it is there for, unless its disk takes nothing.
asio::awaitable<response> ready(server_handles_ptr h) {
  const auto problem = co_await bridge::query<std::string>(h->common.gateway, h->journal,
                                                           h->common.patience, get_problem_atom_v);
  if (!problem) {
    co_return unavailable("journal", problem.error());
  }
  if (!problem->empty()) {
    co_return net::error_response(http::status::service_unavailable,
                                  "batches are refused, because they cannot be kept: " + *problem);
  }
  co_return net::text_response(http::status::ok, "ready\n");
}

} // namespace

void add_server_routes(net::router& routes, server_handles handles) {
  const auto h = std::make_shared<const server_handles>(std::move(handles));
  const auto with_query = [&](std::string_view pattern, auto* handler) {
    routes.get(pattern, uncached([h, handler](const auto&, auto context) {
                 return handler(h, std::move(context));
               }));
  };
  routes.get("/", uncached([h](const auto&, const auto&) { return page(h); }));
  routes.get("/metrics", uncached([h](const auto&, const auto&) { return metrics(h); }));
  with_query("/api/v1/regions", &list_regions);
  with_query("/api/v1/matrix", &show_matrix);
  with_query("/api/v1/targets", &list_targets);
  with_query("/api/v1/agents", &list_agents);
  with_query("/api/v1/history", &show_history);
  routes.get("/api/v1/{rest...}", uncached([](const auto&, auto context) {
               return unknown_endpoint(std::move(context));
             }));
  routes.get("/-/ready", uncached([h](const auto&, const auto&) { return ready(h); }));
  add_common_routes(routes, {h, &h->common});
}

} // namespace xprober::web
