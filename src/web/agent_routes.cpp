#include "xprober/web/agent_routes.hpp"

#include <memory>
#include <optional>
#include <utility>

#include "xprober/bridge/ask.hpp"
#include "xprober/web/agent_metrics.hpp"
#include "xprober/web/metric_negotiation.hpp"
#include "xprober/web/page_routes.hpp"
#include "xprober/web/probe_routes.hpp"
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

/// Since when a target is in a state; 0 where that cannot be told, or it is in another by now.
asio::awaitable<std::uint32_t> ask_since(agent_handles_ptr h, target_ref target,
                                         std::string state) {
  if (!target) {
    co_return 0;
  }
  target_query question{{}, 1, std::move(target)};
  const auto found = co_await bridge::query<target_listing>(h->common.gateway, h->results,
                                                            h->common.patience, question);
  const bool fits = found && !found->lines.empty() && found->lines.front().state == state;
  co_return fits ? found->lines.front().since_unix : 0;
}

asio::awaitable<response> metrics(agent_handles_ptr h, metric_format format) {
  auto stats = co_await ask_stats(h);
  if (!stats) {
    co_return unavailable("stats", stats.error());
  }
  std::optional<target_listing> rows;
  if (h->metrics_per_target) {
    auto listing = co_await bridge::query<target_listing>(
        h->common.gateway, h->results, h->common.patience, latest_results_atom_v);
    if (!listing) {
      co_return unavailable("results", listing.error());
    }
    rows = std::move(*listing);
  }
  auto make = [h, format, stats = std::move(*stats), rows = std::move(rows)] {
    return metrics_response(
        agent_metrics(stats, h->identity, h->probing.presenters, rows ? &*rows : nullptr, format),
        format);
  };
  co_return co_await made_apart(h->common.work, std::move(make));
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
  auto listing = co_await ask_targets(h, *state, *limit);
  if (!listing) {
    co_return unavailable("results", listing.error());
  }
  auto make = [h, listing = std::move(*listing)] {
    return targets_json(listing, h->probing.presenters);
  };
  co_return co_await json_apart(h->common.work, std::move(make));
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
  auto answer = co_await bridge::query<target_story>(h->common.gateway, h->target_manager,
                                                     h->common.patience, question);
  if (answer) {
    answer->since_unix = co_await ask_since(h, answer->spec, answer->state);
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
  const auto stats = co_await ask_stats(h);
  if (!stats) {
    co_return unavailable("stats", stats.error());
  }
  if (!stats->blocked.empty()) {
    co_return net::error_response(http::status::service_unavailable, stats->blocked);
  }
  if (stats->memory.shedding) {
    co_return net::error_response(http::status::service_unavailable,
                                  "this process is short of memory: large messages are refused");
  }
  co_return net::text_response(http::status::ok, "ready\n");
}

} // namespace

void add_agent_routes(net::router& routes, agent_handles handles) {
  const auto h = std::make_shared<const agent_handles>(std::move(handles));
  add_page_routes(routes, site_role::agent);
  routes.get("/metrics", condensed(h->common, [h](const auto& request, const auto&) {
               return metrics(h, metric_format_for(request));
             }));
  routes.get("/targets", condensed(h->common, [h](const auto&, auto context) {
               return list(h, std::move(context));
             }));
  routes.get("/targets/{uid}", condensed(h->common, [h](const auto&, auto context) {
               return story(h, std::move(context));
             }));
  routes.get("/-/ready", uncached([h](const auto&, const auto&) { return ready(h); }));
  add_probe_route(routes, h->common, h->probing);
  add_common_routes(routes, {h, &h->common});
}

} // namespace xprober::web
