#include "xprober/web/agent_routes.hpp"

#include <memory>

#include "xprober/bridge/ask.hpp"
#include "xprober/web/agent_metrics.hpp"
#include "xprober/web/page.hpp"
#include "xprober/web/probe_routes.hpp"
#include "xprober/web/prometheus_text.hpp"
#include "xprober/web/targets_json.hpp"

namespace xprober::web {

namespace {

namespace asio = boost::asio;
namespace http = net::http;
using response = net::http_response;
using agent_handles_ptr = std::shared_ptr<const agent_handles>;

asio::awaitable<caf::expected<stats_snapshot>> ask_stats(agent_handles_ptr h) {
  co_return co_await bridge::query<stats_snapshot>(h->common.gateway, h->common.stats,
                                                   h->common.patience, get_stats_atom_v);
}

asio::awaitable<caf::expected<target_listing>> ask_targets(agent_handles_ptr h, std::string state,
                                                           std::uint64_t limit) {
  target_query query{std::move(state), limit};
  co_return co_await bridge::query<target_listing>(h->common.gateway, h->results,
                                                   h->common.patience, std::move(query));
}

asio::awaitable<response> page(agent_handles_ptr h) {
  auto stats = co_await ask_stats(h);
  if (!stats) {
    co_return unavailable("stats", stats.error());
  }
  agent_page_data data;
  data.head = {h->identity.region, h->identity.local_ip, wall_clock::now()};
  data.stats = std::move(*stats);
  data.presenters = h->probing.presenters;
  auto failing = co_await ask_targets(h, "failing", max_page_rows);
  if (!failing) {
    data.targets_problem = bridge::error_text(failing.error());
  } else {
    data.failing = std::move(*failing);
    if (auto all = co_await ask_targets(h, "", max_page_rows)) {
      data.all = std::move(*all);
    } else {
      data.targets_problem = bridge::error_text(all.error());
    }
  }
  co_return page_response(agent_page(data));
}

asio::awaitable<response> metrics(agent_handles_ptr h) {
  const auto stats = co_await ask_stats(h);
  if (!stats) {
    co_return unavailable("stats", stats.error());
  }
  const auto& presenters = h->probing.presenters;
  if (!h->metrics_per_target) {
    co_return net::text_response(http::status::ok,
                                 agent_metrics(*stats, h->identity, presenters, nullptr),
                                 prometheus_content_type);
  }
  const auto rows = co_await bridge::query<target_listing>(
      h->common.gateway, h->results, h->common.patience, latest_results_atom_v);
  if (!rows) {
    co_return unavailable("results", rows.error());
  }
  co_return net::text_response(http::status::ok,
                               agent_metrics(*stats, h->identity, presenters, &*rows),
                               prometheus_content_type);
}

asio::awaitable<response> list(agent_handles_ptr h, net::request_context context) {
  if (const auto problem = unknown_parameter(context.query, {"state", "limit"})) {
    co_return bad_request(*problem);
  }
  std::string problem;
  const auto state = choice_parameter(context.query, "state",
                                      {"ok", "failing", "prober_fault", "waiting"}, problem);
  const auto limit = limit_parameter(context.query, problem);
  if (!state || !limit) {
    co_return bad_request(problem);
  }
  const auto listing = co_await ask_targets(h, *state, *limit);
  if (!listing) {
    co_return unavailable("results", listing.error());
  }
  co_return net::json_response(http::status::ok, targets_json(*listing, h->probing.presenters));
}

asio::awaitable<response> story(agent_handles_ptr h, net::request_context context) {
  const auto text = context.param("uid");
  const auto uid = parse_uid_text(text);
  if (!uid) {
    co_return net::error_response(http::status::not_found,
                                  "no target \"" + text +
                                      "\": a uid is 16 hexadecimal digits, as /targets lists them");
  }
  const story_query question{*uid};
  const auto answer = co_await bridge::query<target_story>(h->common.gateway, h->target_manager,
                                                           h->common.patience, question);
  if (answer) {
    co_return net::json_response(http::status::ok, target_json(*answer, h->probing.presenters));
  }
  if (answer.error() == caf::sec::invalid_argument) {
    co_return net::error_response(http::status::not_found,
                                  "no target has the uid " + text + "; /targets lists them");
  }
  co_return unavailable("target_manager", answer.error());
}

asio::awaitable<response> ready(agent_handles_ptr h) {
  const auto answer = co_await bridge::query<bool>(h->common.gateway, h->syncer, h->common.patience,
                                                   is_ready_atom_v);
  if (!answer) {
    co_return unavailable("syncer", answer.error());
  }
  if (!*answer) {
    co_return net::error_response(http::status::service_unavailable, "no target list yet");
  }
  co_return net::text_response(http::status::ok, "ready\n");
}

} // namespace

void add_agent_routes(net::router& routes, agent_handles handles) {
  const auto h = std::make_shared<const agent_handles>(std::move(handles));
  routes.get("/", uncached([h](const auto&, const auto&) { return page(h); }));
  routes.get("/metrics", uncached([h](const auto&, const auto&) { return metrics(h); }));
  routes.get("/targets",
             uncached([h](const auto&, auto context) { return list(h, std::move(context)); }));
  routes.get("/targets/{uid}",
             uncached([h](const auto&, auto context) { return story(h, std::move(context)); }));
  routes.get("/-/ready", uncached([h](const auto&, const auto&) { return ready(h); }));
  add_probe_route(routes, h->common, h->probing);
  add_common_routes(routes, {h, &h->common});
}

} // namespace xprober::web
