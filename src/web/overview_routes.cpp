#include "xprober/web/overview_routes.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "xprober/bridge/ask.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/web/api_json.hpp"
#include "xprober/web/past_matrix.hpp"
#include "xprober/web/states_json.hpp"
#include "xprober/web/time_values.hpp"

namespace xprober::web {

namespace {

namespace asio = boost::asio;
namespace http = net::http;
using response = net::http_response;

asio::awaitable<response> list_regions(server_handles_ptr h, net::request_context context) {
  if (const auto problem = unknown_parameter(context.query, {})) {
    co_return bad_request(*problem);
  }
  const auto shown = h->shown->now;
  auto store = co_await ask_store(h, false);
  if (!store) {
    co_return unavailable("store", store.error());
  }
  auto agents = co_await ask_agents(h);
  if (!agents) {
    co_return unavailable("registry", agents.error());
  }
  auto make = [store = std::move(*store), agents = std::move(*agents), shown] {
    return regions_json(*store, agents, shown->region_labels);
  };
  co_return co_await json_apart(h->common.work, std::move(make));
}

struct matrix_question {
  std::string kind;
  matrix_metric metric = matrix_metric::latency;
  matrix_part part;
  std::optional<std::int64_t> at; ///< nothing: now
};

std::optional<matrix_question> read_matrix_question(const net::query_params& query,
                                                    std::string& problem) {
  if (auto unknown = unknown_parameter(
          query, {"metric", "probe_type", "source_region", "target_region", "at"})) {
    problem = std::move(*unknown);
    return std::nullopt;
  }
  const auto name =
      choice_parameter(query, "metric", {"latency", "drop_rate", "success", "state"}, problem);
  if (!name) {
    return std::nullopt;
  }
  matrix_question asked;
  asked.kind = query.get_or("probe_type", mesh_kind().name);
  asked.metric = parse_matrix_metric(*name).value_or(matrix_metric::latency);
  asked.part.source_region = query.get_or("source_region", "");
  asked.part.target_region = query.get_or("target_region", "");
  if (const auto text = query.get("at")) {
    asked.at = parse_time(*text, to_unix_seconds(wall_clock::now()));
    if (!asked.at) {
      problem =
          "at is not a time; allowed are seconds since 1970, 2026-01-02T03:04:05Z, now, and how "
          "long ago: 90s, 15m, 6h, 7d";
      return std::nullopt;
    }
  }
  return asked;
}

response matrix_answer(const store_snapshot& store, const agent_listing& agents,
                       const matrix_question& asked, const history_series* week) {
  if (const auto wrong = matrix_problem(store, asked.kind, agents, asked.part)) {
    return bad_request(*wrong);
  }
  return net::json_response(http::status::ok,
                            matrix_json(store, asked.kind, asked.metric, agents, asked.part, week));
}

response past_answer(const matrix_question& asked, const history_series& past) {
  if (const auto wrong = past_matrix_problem(asked.kind, asked.part, past)) {
    return bad_request(*wrong);
  }
  return net::json_response(
      http::status::ok, past_matrix_json(asked.kind, asked.metric, *asked.at, asked.part, past));
}

/// The matrix of a moment.
asio::awaitable<response> show_past(server_handles_ptr h, matrix_question asked) {
  if (!h->history) {
    co_return net::error_response(http::status::not_found,
                                  "there is no history: history.enabled is false");
  }
  history_query question;
  question.subject = {asked.kind, result_group::pair, asked.part.source_region,
                      asked.part.target_region};
  question.range.to = *asked.at;
  question.moment = true;
  question.usual = asked.metric == matrix_metric::latency;
  const auto past = co_await bridge::query<history_answer>(h->common.gateway, h->history,
                                                           h->common.patience, question);
  if (!past) {
    co_return unavailable("history", past.error());
  }
  if (const auto& problem = (*past)->plan.problem; !problem.empty()) {
    co_return bad_request(problem);
  }
  if (const auto& problem = (*past)->unavailable; !problem.empty()) {
    co_return net::error_response(http::status::service_unavailable,
                                  "the history cannot be read now: " + problem);
  }
  auto make = [past = *past, asked = std::move(asked)] { return past_answer(asked, *past); };
  co_return co_await made_apart(h->common.work, std::move(make));
}

/// What is usual in the last seven days; null where there is no history, or it does not say soon:
/// the next question finds it.
asio::awaitable<history_answer> ask_usual(server_handles_ptr h, std::string kind) {
  constexpr std::chrono::milliseconds soon{1000};
  if (!h->history) {
    co_return nullptr;
  }
  history_query question;
  question.subject = {std::move(kind), result_group::pair, {}, {}};
  question.usual = true;
  const auto found = co_await bridge::query<history_answer>(
      h->common.gateway, h->history, std::min(soon, h->common.patience), question);
  co_return found ? *found : nullptr;
}

asio::awaitable<response> show_matrix(server_handles_ptr h, net::request_context context) {
  std::string problem;
  auto asked = read_matrix_question(context.query, problem);
  if (!asked) {
    co_return bad_request(problem);
  }
  auto store = co_await ask_store(h, false);
  if (!store) {
    co_return unavailable("store", store.error());
  }
  if (const auto wrong = kind_name_problem(**store, asked->kind, result_group::pair)) {
    co_return bad_request(*wrong);
  }
  if (asked->at) {
    co_return co_await show_past(h, std::move(*asked));
  }
  auto known = co_await ask_agents(h);
  agent_listing agents;
  if (known) {
    agents = std::move(*known);
  }
  history_answer week;
  if (asked->metric == matrix_metric::latency) {
    week = co_await ask_usual(h, asked->kind);
  }
  auto make = [store = std::move(*store), agents = std::move(agents), asked = std::move(*asked),
               week = std::move(week)] { return matrix_answer(*store, agents, asked, week.get()); };
  co_return co_await made_apart(h->common.work, std::move(make));
}

asio::awaitable<response> list_states(server_handles_ptr h, net::request_context context) {
  std::string problem;
  auto asked = read_states_question(context.query, problem);
  if (!asked) {
    co_return bad_request(problem);
  }
  const auto question = std::make_shared<target_question>(std::move(*asked));
  auto missing = co_await complete(h, question);
  if (missing) {
    co_return std::move(*missing);
  }
  const auto counted = co_await ask_page(h, question);
  if (!counted) {
    co_return unavailable("store", counted.error());
  }
  auto make = [counted = *counted, question] { return states_json(*counted, *question); };
  co_return co_await json_apart(h->common.work, std::move(make));
}

} // namespace

void add_overview_routes(net::router& routes, const server_handles_ptr& h) {
  const auto add = [&](std::string_view pattern, auto* handler) {
    routes.get(pattern, condensed(h->common, [h, handler](const auto&, auto context) {
                 return handler(h, std::move(context));
               }));
  };
  add("/api/v1/regions", &list_regions);
  add("/api/v1/matrix", &show_matrix);
  add("/api/v1/states", &list_states);
}

} // namespace xprober::web
