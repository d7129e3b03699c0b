#define CAF_SUITE server_routes

#include "xprober/web/server_routes.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "web/routes_fixture.hpp"
#include "xprober/web/api_json.hpp"
#include "xprober/web/json.hpp"
#include "xprober/web/site.hpp"
#include "xprober/web/status_routes.hpp"

#include "caf/test/unit_test.hpp"

namespace server_routes_suite {

using namespace xprober;
using namespace routes_test;
using web::json;

namespace {

/// The targets of a page, which the real store chooses: here by kind and by hash alone.
store_snapshot some_page(store_snapshot all, const target_question& question) {
  store_snapshot page;
  page.kinds = all.kinds;
  page.total = all.targets.size();
  for (auto& row : all.targets) {
    const auto& terms = question.terms;
    if ((!terms.kind || row.kind->name == *terms.kind) &&
        (!terms.uid || stable_hash(row.target) == *terms.uid)) {
      question.lost.mark(row.status, row.source_region, row.agent);
      page.targets.push_back(std::move(row));
    }
  }
  page.matching = page.left = page.targets.size();
  return page;
}

store_view view_of(const store_query& query, const store_snapshot& all) {
  if (query.page && query.page->tally) {
    store_snapshot counted;
    counted.tally = {{"Shop", {0, 3, 0, 1, 0, 0}}};
    counted.tally_all = counted.tally[0].states;
    return std::make_shared<const store_snapshot>(std::move(counted));
  }
  if (query.page) {
    return std::make_shared<const store_snapshot>(some_page(all, *query.page));
  }
  auto some = all;
  if (!query.with_targets) {
    some.targets.clear();
  }
  return std::make_shared<const store_snapshot>(std::move(some));
}

/// `last`: what was asked of it last.
store_actor fake_store(caf::actor_system& system, std::shared_ptr<store_query> last) {
  return fake<store_actor>(system, {[last = std::move(last)](const store_query& query) {
                             *last = query;
                             return view_of(query, sample::store_with_targets());
                           }});
}

registry_actor fake_registry(caf::actor_system& system, bool one_lost = false) {
  return fake<registry_actor>(system, {[one_lost](get_agents_atom) {
                                         auto all = sample::agents();
                                         if (one_lost) {
                                           all.agents[1].state = agent_state::lost;
                                         }
                                         return all;
                                       },
                                       [](const retire_agent& order) {
                                         return order.agent == sample::agents().agents[0].agent;
                                       }});
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

histogram_list some_histograms() {
  histogram_series one{
      {"icmp", result_group::pair, "cn-north", "cn-south"}, {}, 1000, nanoseconds{0}};
  one.seconds.observe(0.03);
  return std::make_shared<const std::vector<histogram_series>>(1, one);
}

history_actor fake_history(caf::actor_system& system) {
  return fake<history_actor>(system,
                             {[](histograms_atom) { return some_histograms(); },
                              [](const history_query& query) -> history_answer {
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
    store = fake_store(system, asked);
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
    quit(incidents);
  }

  void add(bool per_target) {
    routes = {};
    web::add_server_routes(
        routes,
        {common(), store, registry, history, per_target, {}, journal, {}, incidents, {}, shown});
  }

  store_actor store;
  registry_actor registry;
  history_actor history;
  journal_actor journal;
  incidents_actor incidents;                                              ///< null: there is none
  std::shared_ptr<std::string> problem = std::make_shared<std::string>(); ///< of the journal
  std::shared_ptr<store_query> asked = std::make_shared<store_query>();   ///< of the store
  std::shared_ptr<web::settings_place> shown = std::make_shared<web::settings_place>();
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

CAF_TEST(every page is the document of the server) {
  for (const auto* path :
       {"/", "/map", "/pair/cn-south/eu-west", "/targets?state=failing", "/target/00000000000000a1",
        "/incident/7", "/agents", "/certificates", "/system", "/status?group=region=eu"}) {
    CAF_MESSAGE(path);
    const auto answer = get(path);
    CAF_CHECK_EQUAL(answer.result_int(), 200u);
    CAF_CHECK(answer.body() == web::site_page(web::site_role::server));
  }
  CAF_CHECK_EQUAL(get("/targets/00000000000000a1").result_int(), 404u);
}

CAF_TEST(what can be long has an entity tag) {
  for (const auto* target : {"/stats", "/metrics", "/api/v1/agents"}) {
    const auto answer = get(target);
    CAF_CHECK(answer.count(net::http::field::etag) == 1);
    CAF_CHECK(answer[net::http::field::vary].ends_with("Accept-Encoding"));
  }
  const auto healthy = get("/-/healthy");
  CAF_CHECK(healthy.count(net::http::field::etag) == 0);
  CAF_CHECK(healthy[net::http::field::cache_control] == "no-store");
  CAF_CHECK(get("/api/v1/events").result_int() == 404u);
}

CAF_TEST(pages are there without store and registry) {
  kill(store);
  kill(registry);
  CAF_CHECK_EQUAL(get("/").result_int(), 200u);
  CAF_CHECK(has(error(get("/api/v1/agents")), "the registry cannot answer now"));
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

CAF_TEST(who accepts messages gets them and native histograms in them) {
  net::http_request question{net::http::verb::get, "/metrics", 11};
  question.set(net::http::field::accept,
               "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
               "encoding=delimited,text/plain;version=0.0.4;q=0.5,*/*;q=0.1");
  const auto answer = request(question);
  CAF_CHECK_EQUAL(answer.result_int(), 200u);
  CAF_CHECK(answer[net::http::field::content_type].starts_with("application/vnd.google.protobuf"));
  CAF_CHECK(answer[net::http::field::vary] == "Accept, Accept-Encoding");
  CAF_CHECK(answer.count(net::http::field::etag) == 1);
  CAF_CHECK(has(answer.body(), "xprober_pair_latency_seconds"));
  CAF_CHECK(!has(get("/metrics").body(), "xprober_pair_latency_seconds"));
  kill(history);
  const auto without = request(question);
  CAF_CHECK_EQUAL(without.result_int(), 200u);
  CAF_CHECK(!has(without.body(), "xprober_pair_latency_seconds"));
  CAF_CHECK(has(without.body(), "xprober_pair_success"));
}

CAF_TEST(regions and agents are listed) {
  CAF_CHECK_EQUAL(body(get("/api/v1/regions")).at("regions").size(), 3u);
  CAF_CHECK_EQUAL(body(get("/api/v1/agents")).at("agents").size(), 2u);
}

CAF_TEST(agents are listed by state and retired) {
  CAF_CHECK_EQUAL(body(get("/api/v1/agents?state=ok")).at("agents").size(), 2u);
  CAF_CHECK_EQUAL(body(get("/api/v1/agents?state=lost")).at("agents").size(), 0u);
  const auto retired = request(net::http::verb::delete_, "/api/v1/agents/cn-north/10.0.0.1");
  CAF_CHECK_EQUAL(retired.result_int(), 204u);
  CAF_CHECK(retired.body().empty());
  const auto unknown = request(net::http::verb::delete_, "/api/v1/agents/cn%20north/10.0.0.1");
  CAF_CHECK_EQUAL(unknown.result_int(), 404u);
  CAF_CHECK_EQUAL(error(unknown), "no agent cn north 10.0.0.1; /api/v1/agents lists them");
  kill(registry);
  CAF_CHECK_EQUAL(
      request(net::http::verb::delete_, "/api/v1/agents/cn-north/10.0.0.1").result_int(), 503u);
}

CAF_TEST(a matrix is of one metric) {
  CAF_CHECK_EQUAL(body(get("/api/v1/matrix")).at("metric").get<std::string>(), "latency");
  const auto loss = body(get("/api/v1/matrix?metric=drop_rate"));
  CAF_CHECK_EQUAL(loss.at("values")[1][2].get<double>(), 100.0);
  const auto bad = get("/api/v1/matrix?metric=jitter");
  CAF_CHECK_EQUAL(bad.result_int(), 400u);
  CAF_CHECK_EQUAL(error(bad),
                  "metric must be one of latency, drop_rate, success, state, not \"jitter\"");
}

CAF_TEST(targets are chosen by the store) {
  CAF_CHECK_EQUAL(body(get("/api/v1/targets")).at("matching").get<int>(), 4);
  const auto out = body(get("/api/v1/targets?source_region=cn-south&probe_type=icmp&limit=5"
                            "&state=failing,stale&sort=-since&q=X"));
  CAF_CHECK_EQUAL(out.at("matching").get<int>(), 2);
  CAF_CHECK_EQUAL(out.at("targets")[0].at("target").get<std::string>(), "10.1.2.3");
  CAF_REQUIRE(asked->page);
  CAF_CHECK(!asked->with_targets);
  const auto& question = *asked->page;
  CAF_CHECK(question.terms.source_region == "cn-south");
  CAF_CHECK_EQUAL(question.terms.states.size(), 2u);
  CAF_CHECK_EQUAL(question.terms.part, "x");
  CAF_CHECK_EQUAL(question.limit, 5u);
  CAF_CHECK(question.sort == target_sort::since);
  CAF_CHECK(question.descending);
}

CAF_TEST(targets of a lost agent are stale) {
  kill(registry);
  registry = fake_registry(system, true);
  add(false);
  const auto out = body(get("/api/v1/targets?probe_type=icmp")).at("targets");
  CAF_CHECK_EQUAL(out[0].at("state").get<std::string>(), "ok");
  CAF_CHECK_EQUAL(out[1].at("state").get<std::string>(), "stale");
  const auto states = body(get("/api/v1/matrix?metric=state")).at("values");
  CAF_CHECK_EQUAL(states[1].dump(), R"(["stale",null,"stale"])");
}

CAF_TEST(a target is told with all its sources) {
  const auto uid = uid_text(sample::icmp_uid("10.9.9.9", "eu-west"));
  const auto out = body(get("/api/v1/target/" + uid));
  CAF_CHECK_EQUAL(out.at("target").get<std::string>(), "10.9.9.9");
  CAF_CHECK_EQUAL(out.at("sources").size(), 1u);
  CAF_CHECK_EQUAL(out.at("incidents").dump(), "[]");
  CAF_CHECK_EQUAL(get("/api/v1/target/0123456789abcdef").result_int(), 404u);
  CAF_CHECK_EQUAL(get("/api/v1/target/nothing").result_int(), 400u);
  CAF_CHECK_EQUAL(get("/api/v1/target/" + uid + "?x=1").result_int(), 400u);
}

CAF_TEST(a target is told with the open incidents that name it) {
  const auto url = sample::store_with_targets().targets[3].target;
  incidents = fake<incidents_actor>(system, {[](open_incidents_atom) -> incident_list {
                                      return std::make_shared<const std::vector<incident>>(
                                          std::vector<incident>{sample::open_incident()});
                                    }});
  add(false);
  const auto out = body(get("/api/v1/target/" + uid_text(url)));
  CAF_CHECK_EQUAL(out.at("incidents").dump(), "[7]");
}

CAF_TEST(without incidents their endpoints say so) {
  const auto answer = get("/api/v1/incidents");
  CAF_CHECK_EQUAL(answer.result_int(), 404u);
  CAF_CHECK_EQUAL(error(answer), "this server keeps no incidents and no mutes");
}

CAF_TEST(kinds that are in no table can be asked for) {
  kill(store);
  store = fake<store_actor>(
      system, {[](const store_query& query) { return view_of(query, sample::store_with_toys()); }});
  add(true);
  CAF_CHECK_EQUAL(body(get("/api/v1/targets?probe_type=toy")).at("matching").get<int>(), 2);
  CAF_CHECK_EQUAL(body(get("/api/v1/matrix?probe_type=toy_mesh")).at("values")[0][1].dump(), "8.0");
  CAF_CHECK(has(get("/metrics").body(), "probe_toy_level{"));
  const auto told = body(get("/api/v1/history?source_region=a&target=a:1&probe_type=toy"));
  CAF_CHECK_EQUAL(told.at("target").get<std::string>(), "a:1");
  CAF_CHECK_EQUAL(told.at("points").size(), 1u);
}

CAF_TEST(a matrix of too many regions is refused) {
  kill(store);
  store = fake<store_actor>(system, {[](const store_query&) -> store_view {
                              store_snapshot many;
                              many.kinds.push_back(sample::results_of(kinds::icmp()));
                              for (std::size_t i = 0; i < 500; ++i) {
                                sample::add_group(many.kinds[0], "from", "r" + std::to_string(i), 1,
                                                  0, {});
                              }
                              return std::make_shared<const store_snapshot>(std::move(many));
                            }});
  add(false);
  const auto answer = get("/api/v1/matrix");
  CAF_CHECK_EQUAL(answer.result_int(), 400u);
  CAF_CHECK(has(error(answer), "503 regions"));
  CAF_CHECK(has(error(answer), "/api/v1/targets?probe_type=icmp"));
  CAF_CHECK(has(error(answer), "source_region=REGION"));
  const auto row = body(get("/api/v1/matrix?source_region=from"));
  CAF_CHECK_EQUAL(row.at("sources").dump(), "[\"from\"]");
  CAF_CHECK_EQUAL(row.at("destinations").size(), 503u);
  CAF_CHECK_EQUAL(row.at("values").size(), 1u);
  CAF_CHECK_EQUAL(row.at("values")[0].size(), 503u);
  const auto cell = body(get("/api/v1/matrix?source_region=from&target_region=r7&metric=state"));
  CAF_CHECK_EQUAL(cell.at("values")[0].size(), 1u);
  CAF_CHECK_EQUAL(cell.at("states")[0].size(), 1u);
  const auto unknown = get("/api/v1/matrix?target_region=nowhere");
  CAF_CHECK_EQUAL(unknown.result_int(), 400u);
  CAF_CHECK(has(error(unknown), "there is no region nowhere in the matrix of icmp"));
}

CAF_TEST(answers are the same where they are made on a thread for them) {
  const auto targets = {"/stats",          "/metrics",        "/api/v1/matrix",
                        "/api/v1/regions", "/api/v1/targets", "/api/v1/agents"};
  std::vector<std::string> before;
  for (const auto* target : targets) {
    before.push_back(get(target).body());
  }
  work = std::make_shared<net::work_thread>();
  add(false);
  std::size_t at = 0;
  for (const auto* target : targets) {
    const auto answer = get(target);
    CAF_CHECK_EQUAL(answer.result_int(), 200u);
    const bool same = answer.body() == before[at++];
    CAF_CHECK(same);
  }
  work->stop();
}

CAF_TEST(a matrix of a moment comes from the history) {
  const auto out = body(get("/api/v1/matrix?metric=success&at=15m"));
  CAF_CHECK(out.contains("at_unix"));
  CAF_CHECK(out.at("regions").empty()); // the fake one knows of no pair
  const auto kept = std::exchange(history, {});
  add(false);
  const auto none = get("/api/v1/matrix?at=15m");
  CAF_CHECK_EQUAL(none.result_int(), 404u);
  CAF_CHECK(has(error(none), "history.enabled is false"));
  history = kept;
}

CAF_TEST(states are counted by what is asked for) {
  const auto out = body(get("/api/v1/states?by=label.team&region=eu"));
  CAF_CHECK_EQUAL(out.at("by").get<std::string>(), "label.team");
  CAF_CHECK_EQUAL(out.at("states").at("failing").get<int>(), 1);
  CAF_REQUIRE(asked->page);
  CAF_CHECK(asked->page->tally->by == tally_by::label);
  CAF_CHECK(asked->page->terms.region == "eu");
}

CAF_TEST(the status is there for everybody once it is switched on) {
  for (const auto* path : {"/status", "/api/v1/status"}) {
    const auto answer = get(path);
    CAF_CHECK_EQUAL(answer.result_int(), 404u);
    CAF_CHECK_EQUAL(error(answer), "there is no status page here: status.enabled is false");
  }
  web::page_settings next;
  next.status = {true, "Ours", false, {{"Shop", {{"label.team", "shop"}}}}};
  shown->now = std::make_shared<const web::page_settings>(next);
  CAF_CHECK_EQUAL(get("/status").result_int(), 200u);
  const auto out = body(get("/api/v1/status"));
  CAF_CHECK_EQUAL(out.at("title").get<std::string>(), "Ours");
  CAF_CHECK_EQUAL(out.at("groups").at(0).at("checks").dump(), R"({"failing":1,"of":4})");
  kill(store); // who asks again at once is told the same
  CAF_CHECK_EQUAL(get("/api/v1/status").result_int(), 200u);
  shown->now = std::make_shared<const web::page_settings>();
  CAF_CHECK_EQUAL(get("/api/v1/status").result_int(), 404u);
}

CAF_TEST(the status is made once for all who ask at the same time) {
  web::page_settings next;
  next.status = {true, "Ours", false, {{"Shop", {{"label.team", "shop"}}}}};
  shown->now = std::make_shared<const web::page_settings>(next);
  quit(store);
  const auto made = std::make_shared<std::atomic<int>>(0);
  store = fake<store_actor>(system, {[made](const store_query& query) {
                              ++*made;
                              return view_of(query, {});
                            }});
  auto patient = common();
  patient.patience = std::chrono::seconds{20};
  routes = {};
  web::add_server_routes(
      routes, {patient, store, registry, history, false, {}, journal, {}, incidents, {}, shown});
  int answered = 0;
  const net::http_request question{net::http::verb::get, "/api/v1/status", 11};
  for (int i = 0; i < 10; ++i) {
    asio::co_spawn(io, routes.handle(question, {}),
                   [&](const std::exception_ptr& thrown, const net::http_response& got) {
                     answered += !thrown && got.result_int() == 200 ? 1 : 0;
                   });
  }
  io.run_for(std::chrono::seconds{20});
  CAF_CHECK_EQUAL(answered, 10);
  CAF_CHECK_EQUAL(made->load(), 1);
}

CAF_TEST(the status is public and groups in the address are not) {
  const auto may_look = [](const status_config& status, const std::string& target) {
    net::request_context context;
    net::split_target(target, context);
    return web::is_public(status, context);
  };
  CAF_CHECK(may_look({}, "/status?tz=utc"));
  CAF_CHECK(may_look({}, "/api/v1/status"));
  CAF_CHECK(!may_look({}, "/status?group=region=eu"));
  CAF_CHECK(!may_look({}, "/assets/page.js"));
  CAF_CHECK(may_look({true}, "/assets/page.js"));
  CAF_CHECK(!may_look({true}, "/api/v1/states"));
}

CAF_TEST(bad parameters name what is allowed) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"/api/v1/targets?probe_type=none", "probe_type must be one of icmp, "},
      {"/api/v1/matrix?probe_type=http", "probe_type must be one of icmp"},
      {"/api/v1/matrix?probe=icmp", "unknown parameter probe; allowed are metric, probe_type"},
      {"/api/v1/matrix?at=yesterday", "at is not a time; allowed are seconds since 1970"},
      {"/api/v1/states?by=agent",
       "by must be one of probe_type, source_region, region, label.NAME"},
      {"/api/v1/states?sort=state", "unknown parameter sort; allowed are state, source_region"},
      {"/api/v1/targets?state=up", "state must be one or several of ok, degraded, failing, "},
      {"/api/v1/targets?limit=99999", "limit must be a whole number from 1 to 1000,"},
      {"/api/v1/targets?area=x", "unknown parameter area; allowed are state, source_region"},
      {"/api/v1/regions?x=1", "unknown parameter x; none is allowed"},
      {"/api/v1/agents?limit=1", "unknown parameter limit; allowed are state"},
      {"/api/v1/agents?state=up", "state must be one of ok, late, lost, left, not"}};
  for (const auto& [target, expected] : cases) {
    const auto answer = get(target);
    CAF_CHECK_EQUAL(answer.result_int(), 400u);
    CAF_CHECK(has(error(answer), expected));
  }
}

CAF_TEST(an unknown endpoint names those that are there) {
  const auto answer = get("/api/v1/future?target=x");
  CAF_CHECK_EQUAL(answer.result_int(), 404u);
  CAF_CHECK_EQUAL(
      error(answer),
      "no such endpoint: /api/v1/future; below /api/v1/ there are "
      "regions, matrix, states, targets, target/{uid}, target/{uid}/story, probe, agents, "
      "certificates, history, incidents, mutes, events, status");
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

} // namespace server_routes_suite
