#include "xprober/web/server_routes.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "xprober/bridge/ask.hpp"
#include "xprober/web/agents_json.hpp"
#include "xprober/web/api_json.hpp"
#include "xprober/web/certificate_routes.hpp"
#include "xprober/web/event_routes.hpp"
#include "xprober/web/history_json.hpp"
#include "xprober/web/incident_routes.hpp"
#include "xprober/web/incidents_json.hpp"
#include "xprober/web/metric_negotiation.hpp"
#include "xprober/web/overview_routes.hpp"
#include "xprober/web/page_routes.hpp"
#include "xprober/web/question_routes.hpp"
#include "xprober/web/server_metrics.hpp"
#include "xprober/web/server_questions.hpp"
#include "xprober/web/status_routes.hpp"
#include "xprober/web/stored_json.hpp"
#include "xprober/web/target_parameters.hpp"

namespace xprober::web {

namespace {

namespace asio = boost::asio;
namespace http = net::http;
using response = net::http_response;

asio::awaitable<caf::expected<stats_snapshot>> ask_stats(server_handles_ptr h) {
  co_return co_await bridge::query<stats_snapshot>(h->common.gateway, h->common.stats,
                                                   h->common.patience, get_stats_atom_v);
}

/// The open incidents that name a target; none where nobody knows.
asio::awaitable<std::vector<std::uint64_t>> ask_naming(server_handles_ptr h, target_uid target,
                                                       kind_ptr kind) {
  if (!h->incidents) {
    co_return std::vector<std::uint64_t>{};
  }
  const auto open = co_await bridge::query<incident_list>(
      h->common.gateway, h->incidents, h->common.patience, open_incidents_atom_v);
  co_return open ? incidents_naming(**open, target, *kind) : std::vector<std::uint64_t>{};
}

/// Null where there are none, or nobody says.
asio::awaitable<histogram_list> ask_histograms(server_handles_ptr h) {
  if (!h->history) {
    co_return nullptr;
  }
  const auto all = co_await bridge::query<histogram_list>(h->common.gateway, h->history,
                                                          h->common.patience, histograms_atom_v);
  co_return all ? *all : nullptr;
}

asio::awaitable<response> metrics(server_handles_ptr h, metric_format format) {
  auto stats = co_await ask_stats(h);
  if (!stats) {
    co_return unavailable("stats", stats.error());
  }
  auto store = co_await ask_store(h, h->metrics_per_target);
  if (!store) {
    co_return unavailable("store", store.error());
  }
  target_labels_ptr labels;
  if (h->metrics_per_target) {
    labels = co_await ask_labels(h);
  }
  auto clocks = co_await ask_agents(h);
  histogram_list histograms;
  if (format == metric_format::protobuf) {
    histograms = co_await ask_histograms(h);
  }
  agent_listing known;
  if (clocks) {
    known = std::move(*clocks);
  }
  // Whole and not shared: what is large goes on the thread that it was for, not on this one.
  auto make = [stats = std::move(*stats), store = std::move(*store), known = std::move(known),
               labels = std::move(labels), histograms = std::move(histograms), format] {
    return metrics_response(
        server_metrics(stats, *store, known, labels.get(), histograms.get(), format), format);
  };
  co_return co_await made_apart(h->common.work, std::move(make));
}

asio::awaitable<response> list_targets(server_handles_ptr h, net::request_context context) {
  std::string problem;
  auto asked = read_target_question(context.query, problem);
  if (!asked) {
    co_return bad_request(problem);
  }
  const auto question = std::make_shared<target_question>(std::move(*asked));
  auto missing = co_await complete(h, question);
  if (missing) {
    co_return std::move(*missing);
  }
  auto found = co_await ask_page(h, question);
  if (!found) {
    co_return unavailable("store", found.error());
  }
  if (question->terms.kind) {
    if (const auto wrong = kind_name_problem(**found, *question->terms.kind)) {
      co_return bad_request(*wrong);
    }
  }
  auto make = [page = std::move(*found), question] {
    return stored_targets_json(*page, *question);
  };
  co_return co_await json_apart(h->common.work, std::move(make));
}

asio::awaitable<response> show_target(server_handles_ptr h, net::request_context context) {
  if (const auto problem = unknown_parameter(context.query, {})) {
    co_return bad_request(*problem);
  }
  const auto uid = context.param("uid");
  const auto question = std::make_shared<target_question>();
  question->terms.uid = parse_uid_text(uid);
  question->limit = max_target_page;
  if (!question->terms.uid) {
    co_return bad_request("a target's uid has 16 hexadecimal digits, as targets are listed with");
  }
  auto missing = co_await complete(h, question);
  if (missing) {
    co_return std::move(*missing);
  }
  const auto found = co_await ask_page(h, question);
  if (!found) {
    co_return unavailable("store", found.error());
  }
  const auto& rows = (*found)->targets;
  if (rows.empty()) {
    co_return net::error_response(http::status::not_found,
                                  "no target with the uid " + uid +
                                      " is wanted, and there are no results of one");
  }
  const auto incidents = co_await ask_naming(h, rows.front().target, rows.front().kind);
  auto make = [page = *found, question, incidents] {
    return target_story_json(*page, *question, incidents);
  };
  co_return co_await json_apart(h->common.work, std::move(make));
}

asio::awaitable<response> list_agents(server_handles_ptr h, net::request_context context) {
  if (const auto problem = unknown_parameter(context.query, {"state"})) {
    co_return bad_request(*problem);
  }
  std::string problem;
  const auto state =
      choice_parameter(context.query, "state", {"ok", "late", "lost", "left"}, problem);
  if (!state) {
    co_return bad_request(problem);
  }
  auto listing = co_await ask_agents(h);
  if (!listing) {
    co_return unavailable("registry", listing.error());
  }
  auto make = [listing = std::move(*listing), state = *state] {
    return agents_json(listing, state);
  };
  co_return co_await json_apart(h->common.work, std::move(make));
}

asio::awaitable<response> retire(server_handles_ptr h, net::request_context context) {
  const retire_agent order{{context.param("region"), context.param("local_ip")}};
  const auto known =
      co_await bridge::ask<bool>(h->common.gateway, h->registry, h->common.patience, order);
  if (!known) {
    co_return unavailable("registry", known.error());
  }
  if (!*known) {
    co_return net::error_response(http::status::not_found, "no agent " + order.agent.region + " " +
                                                               order.agent.local_ip +
                                                               "; /api/v1/agents lists them");
  }
  co_return net::text_response(http::status::no_content, "");
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
  auto answer = co_await bridge::query<history_answer>(h->common.gateway, h->history,
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
  auto make = [asked = *question, answer = std::move(*answer)] {
    return history_json(asked, *answer);
  };
  co_return co_await json_apart(h->common.work, std::move(make));
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
    routes.get(pattern, condensed(h->common, [h, handler](const auto&, auto context) {
                 return handler(h, std::move(context));
               }));
  };
  add_page_routes(routes, site_role::server);
  routes.get("/metrics", condensed(h->common, [h](const auto& request, const auto&) {
               return metrics(h, metric_format_for(request));
             }));
  add_overview_routes(routes, h);
  add_status_routes(routes, h);
  with_query("/api/v1/targets", &list_targets);
  with_query("/api/v1/target/{uid}", &show_target);
  with_query("/api/v1/agents", &list_agents);
  routes.add(http::verb::delete_, "/api/v1/agents/{region}/{local_ip}",
             uncached([h](const auto&, auto context) { return retire(h, std::move(context)); }));
  add_certificate_routes(routes, h->common, h->chains);
  with_query("/api/v1/history", &show_history);
  add_event_route(routes, h->common, h->events);
  add_question_routes(routes,
                      {h->common.gateway, h->store, h->registry, h->pool, h->common.patience});
  add_incident_routes(routes,
                      {h->common.gateway, h->incidents, h->common.patience, h->common.work});
  routes.explain("/api/", "below /api/v1/ there are regions, matrix, states, targets, "
                          "target/{uid}, target/{uid}/story, probe, agents, certificates, history, "
                          "incidents, mutes, events, status");
  routes.get("/-/ready", uncached([h](const auto&, const auto&) { return ready(h); }));
  add_common_routes(routes, {h, &h->common});
}

} // namespace xprober::web
