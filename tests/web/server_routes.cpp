#define CAF_SUITE server_routes

#include "xprober/web/server_routes.hpp"

#include "web/routes_fixture.hpp"
#include "xprober/web/api_json.hpp"
#include "xprober/web/json.hpp"

#include "caf/test/unit_test.hpp"

namespace server_routes_suite {

using namespace xprober;
using namespace routes_test;
using web::json;

namespace {

store_actor fake_store(caf::actor_system& system) {
  return fake<store_actor>(system, {[](const store_query& query) -> store_view {
                             return std::make_shared<const store_snapshot>(
                                 query.with_targets ? sample::store_with_targets()
                                                    : sample::store());
                           }});
}

registry_actor fake_registry(caf::actor_system& system) {
  return fake<registry_actor>(system, {[](get_agents_atom) { return sample::agents(); }});
}

history_series some_history() {
  history_series series;
  series.plan = {0, 15, sample::now_unix - 60, sample::now_unix, {}};
  measured_probe probe;
  probe.success = true;
  probe.value_ms = 12.5F;
  series.points[sample::now_unix - 15].add(probe);
  return series;
}

history_actor fake_history(caf::actor_system& system) {
  return fake<history_actor>(system, {[](const history_query& query) -> history_answer {
                               auto series = some_history();
                               if (query.range.step == 30) {
                                 series.plan.problem = "too many points";
                               }
                               if (query.range.step == 45) {
                                 series.unavailable = "the disk is broken";
                               }
                               return std::make_shared<const history_series>(std::move(series));
                             }});
}

struct server_fixture : fixture {
  server_fixture() : server_fixture(sample::server_stats()) {}

  explicit server_fixture(stats_snapshot snapshot) : fixture(std::move(snapshot)) {
    store = fake_store(system);
    registry = fake_registry(system);
    history = fake_history(system);
    journal =
        fake<journal_actor>(system, {[problem = problem](get_problem_atom) { return *problem; }});
    add(false);
  }

  ~server_fixture() {
    quit(store);
    quit(registry);
    quit(history);
    quit(journal);
  }

  void add(bool per_target) {
    routes = {};
    web::add_server_routes(routes, {common(), store, registry, history, per_target, {}, journal});
  }

  store_actor store;
  registry_actor registry;
  history_actor history;
  journal_actor journal;
  std::shared_ptr<std::string> problem = std::make_shared<std::string>(); ///< of the journal
};

json body(const net::http_response& response) { return json::parse(response.body()); }

std::string error(const net::http_response& response) {
  return body(response).at("error").get<std::string>();
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(server_routes_tests, server_fixture)

CAF_TEST(the page shows regions targets and agents) {
  const auto answer = get("/");
  CAF_CHECK_EQUAL(answer.result_int(), 200u);
  CAF_CHECK(answer[net::http::field::cache_control] == "no-store");
  CAF_CHECK(has(answer.body(), "cn-south → eu-west"));
  CAF_CHECK(has(answer.body(), "10.9.9.9"));
  CAF_CHECK(has(answer.body(), "203.0.113.5:40212"));
}

CAF_TEST(the page shows what it can without store and registry) {
  kill(store);
  kill(registry);
  const auto answer = get("/");
  CAF_CHECK_EQUAL(answer.result_int(), 200u);
  CAF_CHECK(has(answer.body(), "The results cannot be shown"));
  CAF_CHECK(has(answer.body(), "The agents cannot be shown"));
}

CAF_TEST(stats have the form of the server) {
  CAF_CHECK_EQUAL(body(get("/stats")).at("results").at("received").get<int>(), 120000);
}

CAF_TEST(metrics have rows for targets only where they are on) {
  const auto without = get("/metrics").body();
  CAF_CHECK(has(without, "ping_latency_millonseconds{"));
  CAF_CHECK(!has(without, "probe_success{"));
  add(true);
  CAF_CHECK(has(get("/metrics").body(), "probe_success{"));
}

CAF_TEST(regions and agents are listed) {
  CAF_CHECK_EQUAL(body(get("/api/v1/regions")).at("regions").size(), 3u);
  CAF_CHECK_EQUAL(body(get("/api/v1/agents")).at("agents").size(), 2u);
}

CAF_TEST(a matrix is of one metric) {
  CAF_CHECK_EQUAL(body(get("/api/v1/matrix")).at("metric").get<std::string>(), "latency");
  const auto loss = body(get("/api/v1/matrix?metric=drop_rate"));
  CAF_CHECK_EQUAL(loss.at("values")[1][2].get<double>(), 100.0);
  const auto bad = get("/api/v1/matrix?metric=jitter");
  CAF_CHECK_EQUAL(bad.result_int(), 400u);
  CAF_CHECK_EQUAL(error(bad), "metric must be one of latency, drop_rate, success, not \"jitter\"");
}

CAF_TEST(targets are filtered) {
  CAF_CHECK_EQUAL(body(get("/api/v1/targets")).at("matching").get<int>(), 4);
  const auto out = body(get("/api/v1/targets?source_region=cn-south&probe_type=icmp&limit=5"));
  CAF_CHECK_EQUAL(out.at("matching").get<int>(), 1);
  CAF_CHECK_EQUAL(out.at("targets")[0].at("target").get<std::string>(), "10.9.9.9");
  CAF_CHECK_EQUAL(body(get("/api/v1/targets?state=failing")).at("matching").get<int>(), 2);
}

CAF_TEST(kinds that are in no table can be asked for) {
  kill(store);
  store =
      fake<store_actor>(system, {[](const store_query&) -> store_view {
                          return std::make_shared<const store_snapshot>(sample::store_with_toys());
                        }});
  add(true);
  CAF_CHECK_EQUAL(body(get("/api/v1/targets?probe_type=toy")).at("matching").get<int>(), 2);
  CAF_CHECK_EQUAL(body(get("/api/v1/matrix?probe_type=toy_mesh")).at("values")[0][1].dump(), "8.0");
  CAF_CHECK(has(get("/metrics").body(), "probe_toy_level{"));
  CAF_CHECK(has(get("/").body(), "Ports (toy)"));
  const auto told = body(get("/api/v1/history?source_region=a&target=a:1&probe_type=toy"));
  CAF_CHECK_EQUAL(told.at("target").get<std::string>(), "a:1");
  CAF_CHECK_EQUAL(told.at("points").size(), 1u);
}

CAF_TEST(a matrix of too many regions is refused) {
  kill(store);
  store = fake<store_actor>(system, {[](const store_query&) -> store_view {
                              store_snapshot many;
                              many.kinds.push_back(sample::results_of(kinds::icmp()));
                              for (std::size_t i = 0; i < web::max_matrix_regions; ++i) {
                                sample::add_group(many.kinds[0], "from", "r" + std::to_string(i), 1,
                                                  0, {});
                              }
                              return std::make_shared<const store_snapshot>(std::move(many));
                            }});
  add(false);
  const auto answer = get("/api/v1/matrix");
  CAF_CHECK_EQUAL(answer.result_int(), 400u);
  CAF_CHECK(has(error(answer), "1001 regions"));
  CAF_CHECK(has(error(answer), "/api/v1/targets?probe_type=icmp"));
}

CAF_TEST(bad parameters name what is allowed) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"/api/v1/targets?probe_type=none", "probe_type must be one of icmp, "},
      {"/api/v1/matrix?probe_type=http", "probe_type must be one of icmp"},
      {"/api/v1/matrix?probe=icmp", "unknown parameter probe; allowed are metric, probe_type"},
      {"/api/v1/targets?state=up", "state must be one of ok, failing"},
      {"/api/v1/targets?limit=99999", "limit must be a whole number from 1 to 10000"},
      {"/api/v1/targets?region=x", "unknown parameter region; allowed are source_region"},
      {"/api/v1/regions?x=1", "unknown parameter x; none is allowed"},
      {"/api/v1/agents?limit=1", "unknown parameter limit; none is allowed"}};
  for (const auto& [target, expected] : cases) {
    const auto answer = get(target);
    CAF_CHECK_EQUAL(answer.result_int(), 400u);
    CAF_CHECK(has(error(answer), expected));
  }
}

CAF_TEST(an unknown endpoint names those that are there) {
  const auto answer = get("/api/v1/future?target=x");
  CAF_CHECK_EQUAL(answer.result_int(), 404u);
  CAF_CHECK_EQUAL(error(answer), "no such endpoint: /api/v1/future; below /api/v1/ there are "
                                 "regions, matrix, targets, agents, history");
}

CAF_TEST(history is answered with its points or with what is wrong) {
  const std::string pair = "/api/v1/history?source_region=a&target_region=b";
  const auto out = body(get(pair));
  CAF_CHECK_EQUAL(out.at("target_region").get<std::string>(), "b");
  CAF_CHECK_EQUAL(out.at("points").at(0).at("latency_ms").at("mean").get<double>(), 12.5);
  CAF_CHECK_EQUAL(get("/api/v1/history").result_int(), 400u);
  CAF_CHECK_EQUAL(get(pair + "&step=30").result_int(), 400u);
  CAF_CHECK_EQUAL(error(get(pair + "&step=30")), "too many points");
  CAF_CHECK_EQUAL(get(pair + "&step=45").result_int(), 503u);
  CAF_CHECK_EQUAL(error(get(pair + "&step=45")),
                  "the history cannot be read now: the disk is broken");
  kill(history);
  CAF_CHECK(has(error(get(pair)), "the history cannot answer now"));
  history = nullptr;
  add(false);
  CAF_CHECK_EQUAL(get(pair).result_int(), 404u);
}

CAF_TEST(a dead actor is answered for) {
  kill(store);
  for (const auto* target : {"/metrics", "/api/v1/matrix", "/api/v1/targets", "/api/v1/regions"}) {
    const auto answer = get(target);
    CAF_CHECK_EQUAL(answer.result_int(), 503u);
    CAF_CHECK(has(error(answer), "the store cannot answer now"));
  }
  kill(registry);
  CAF_CHECK(has(error(get("/api/v1/agents")), "the registry cannot answer now"));
}

CAF_TEST(a dead gateway is answered for) {
  kill(gateway);
  CAF_CHECK_EQUAL(get("/stats").result_int(), 503u);
  CAF_CHECK_EQUAL(get("/-/healthy").result_int(), 503u);
}

CAF_TEST(a server is ready once it answers) {
  CAF_CHECK_EQUAL(get("/-/ready").result_int(), 200u);
  CAF_CHECK_EQUAL(get("/-/healthy").result_int(), 200u);
}

CAF_TEST(a server that refuses batches is not ready and says why) {
  *problem = "the disk is full";
  const auto answer = get("/-/ready");
  CAF_CHECK_EQUAL(answer.result_int(), 503u);
  CAF_CHECK(has(error(answer), "cannot be kept: the disk is full"));
  CAF_CHECK_EQUAL(get("/-/healthy").result_int(), 200u);
  kill(journal);
  CAF_CHECK(has(error(get("/-/ready")), "the journal cannot answer now"));
}

CAF_TEST_FIXTURE_SCOPE_END()

namespace {

struct large_fixture : server_fixture {
  large_fixture() : server_fixture(large()) {}

  static stats_snapshot large() {
    auto stats = sample::server_stats();
    stats.ingest.stored_series = web::max_page_series + 1;
    return stats;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(large_server_tests, large_fixture)

CAF_TEST(the page of a large server copies no targets) {
  const auto answer = get("/");
  CAF_CHECK(has(answer.body(), "There are too many to list them here"));
  CAF_CHECK(!has(answer.body(), "10.9.9.9"));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace server_routes_suite
