#define CAF_SUITE agent_routes

#include "xprober/web/agent_routes.hpp"

#include "web/routes_fixture.hpp"
#include "xprober/web/json.hpp"
#include "xprober/web/site.hpp"

#include "caf/test/unit_test.hpp"

namespace agent_routes_suite {

using namespace xprober;
using namespace routes_test;
namespace http = net::http;
using web::json;

namespace {

results_actor fake_results(caf::actor_system& system) {
  return fake<results_actor>(system,
                             {[](const target_query& query) {
                                auto listing = sample::listing();
                                if (query.one) {
                                  listing.lines = {{query.one->uid, "ok", nullptr, 1'767'323'000}};
                                }
                                std::erase_if(listing.lines, [&](const target_line& line) {
                                  return !query.state.empty() && line.state != query.state;
                                });
                                listing.matching = listing.lines.size();
                                listing.lines.resize(std::min(listing.lines.size(), query.limit));
                                return listing;
                              },
                              [](latest_results_atom) { return sample::listing(); }});
}

target_manager_actor fake_manager(caf::actor_system& system) {
  return fake<target_manager_actor>(
      system, {[](const story_query& query) -> caf::result<target_story> {
        target_story story;
        story.uid = sample::icmp_uid("10.1.2.3");
        story.state = "ok";
        story.spec = new_counted<const target_spec>(target_spec{story.uid, 0});
        if (query.uid_hash != stable_hash(story.uid)) {
          return caf::make_error(caf::sec::invalid_argument, "no target has this uid");
        }
        return story;
      }});
}

syncer_actor fake_syncer(caf::actor_system& system, bool ready) {
  return fake<syncer_actor>(system, {[ready](is_ready_atom) { return ready; }});
}

/// Takes every question and answers none.
stats_actor silent_stats(caf::actor_system& system) {
  const auto kept = std::make_shared<std::vector<caf::response_promise>>();
  const auto behave = [](caf::event_based_actor* self,
                         const std::shared_ptr<std::vector<caf::response_promise>>& promises) {
    return caf::behavior{[self, promises](get_stats_atom) -> caf::response_promise {
      promises->push_back(self->make_response_promise());
      return promises->back();
    }};
  };
  return caf::actor_cast<stats_actor>(system.spawn(behave, kept));
}

struct agent_fixture : fixture {
  agent_fixture() : fixture(sample::agent_stats()) {
    results = fake_results(system);
    manager = fake_manager(system);
    syncer = fake_syncer(system, true);
    add(syncer, false);
  }

  ~agent_fixture() {
    quit(results);
    quit(manager);
    quit(syncer);
  }

  void add(const syncer_actor& asked, bool per_target, web::reload_hook reload = nullptr) {
    routes = {};
    web::agent_handles handles{common(),
                               results,
                               manager,
                               asked,
                               {"cn-north", "10.0.0.1"},
                               per_target,
                               {{}, sample::presenters(), {}}};
    handles.common.reload = std::move(reload);
    web::add_agent_routes(routes, handles);
  }

  results_actor results;
  target_manager_actor manager;
  syncer_actor syncer;
};

json body(const net::http_response& response) { return json::parse(response.body()); }

std::string error(const net::http_response& response) {
  return body(response).at("error").get<std::string>();
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(agent_routes_tests, agent_fixture)

CAF_TEST(every page is the document of the agent) {
  for (const auto* path : {"/", "/target/00000000000000a1", "/system"}) {
    CAF_MESSAGE(path);
    const auto answer = get(path);
    CAF_CHECK_EQUAL(answer.result_int(), 200u);
    CAF_CHECK(answer.body() == web::site_page(web::site_role::agent));
  }
  CAF_CHECK_EQUAL(get("/map").result_int(), 404u);
}

CAF_TEST(stats are JSON) {
  const auto answer = get("/stats");
  CAF_CHECK_EQUAL(answer.result_int(), 200u);
  CAF_CHECK(answer[net::http::field::content_type] == "application/json");
  CAF_CHECK_EQUAL(body(answer).at("ticks").at("due").get<int>(), 2460);
}

CAF_TEST(metrics have rows for targets only where they are on) {
  const auto without = get("/metrics");
  CAF_CHECK_EQUAL(without.result_int(), 200u);
  CAF_CHECK(without[net::http::field::content_type] == "text/plain; version=0.0.4; charset=utf-8");
  CAF_CHECK(has(without.body(), "xprober_ticks_total 2460\n"));
  CAF_CHECK(!has(without.body(), "probe_success{"));
  add(syncer, true);
  CAF_CHECK(has(get("/metrics").body(), "probe_success{"));
}

CAF_TEST(targets are listed by state and limit) {
  CAF_CHECK_EQUAL(body(get("/targets")).at("targets").size(), 5u);
  CAF_CHECK_EQUAL(body(get("/targets?state=failing")).at("targets").size(), 2u);
  const auto cut = body(get("/targets?state=failing&limit=1"));
  CAF_CHECK_EQUAL(cut.at("targets").size(), 1u);
  CAF_CHECK_EQUAL(cut.at("matching").get<int>(), 2);
}

CAF_TEST(bad parameters name what is allowed) {
  const auto state = get("/targets?state=broken");
  CAF_CHECK_EQUAL(state.result_int(), 400u);
  CAF_CHECK_EQUAL(error(state),
                  "state must be one of ok, failing, prober_fault, waiting, not \"broken\"");
  for (const auto* target : {"/targets?limit=0", "/targets?limit=10001", "/targets?limit=-1",
                             "/targets?limit=ten", "/targets?limit="}) {
    const auto limit = get(target);
    CAF_CHECK_EQUAL(limit.result_int(), 400u);
    CAF_CHECK(has(error(limit), "limit must be a whole number from 1 to 10000"));
  }
  const auto unknown = get("/targets?stat=failing");
  CAF_CHECK_EQUAL(unknown.result_int(), 400u);
  CAF_CHECK_EQUAL(error(unknown), "unknown parameter stat; allowed are state, limit");
}

CAF_TEST(a target tells its story) {
  const auto answer = get("/targets/" + uid_text(sample::icmp_uid("10.1.2.3")));
  CAF_CHECK_EQUAL(answer.result_int(), 200u);
  CAF_CHECK_EQUAL(body(answer).at("target").get<std::string>(), "10.1.2.3");
  CAF_CHECK_EQUAL(body(answer).at("since_unix").get<int>(), 1'767'323'000);
}

CAF_TEST(an unknown target is not found) {
  const auto unknown = get("/targets/0123456789abcdef");
  CAF_CHECK_EQUAL(unknown.result_int(), 404u);
  CAF_CHECK_EQUAL(error(unknown), "no target has the uid 0123456789abcdef; /targets lists them");
  const auto malformed = get("/targets/10.1.2.3");
  CAF_CHECK_EQUAL(malformed.result_int(), 404u);
  CAF_CHECK(has(error(malformed), "16 hexadecimal digits"));
}

CAF_TEST(health is a round trip through all actors) {
  const auto well = get("/-/healthy");
  CAF_CHECK_EQUAL(well.result_int(), 200u);
  CAF_CHECK_EQUAL(well.body(), "healthy\n");
  *how = {true, "healthy; at work: results for 2 s"};
  const auto at_work = get("/-/healthy");
  CAF_CHECK_EQUAL(at_work.body(), "healthy; at work: results for 2 s\n");
  *how = {false, "these parts have ended: results"};
  const auto ill = get("/-/healthy");
  CAF_CHECK_EQUAL(ill.result_int(), 503u);
  CAF_CHECK_EQUAL(error(ill), "these parts have ended: results");
  kill(health);
  const auto dead = get("/-/healthy");
  CAF_CHECK_EQUAL(dead.result_int(), 503u);
  CAF_CHECK(has(error(dead), "the health check cannot answer now"));
}

CAF_TEST(an actor that is silent is answered for) {
  quit(stats);
  stats = silent_stats(system);
  add(syncer, false);
  const auto begin = std::chrono::steady_clock::now();
  for (const auto* target : {"/stats", "/metrics"}) {
    CAF_CHECK_EQUAL(get(target).result_int(), 503u);
  }
  CAF_CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{4});
}

CAF_TEST(an agent is ready once it has a list) {
  CAF_CHECK_EQUAL(get("/-/ready").result_int(), 200u);
  const auto waiting = fake_syncer(system, false);
  add(waiting, false);
  const auto answer = get("/-/ready");
  CAF_CHECK_EQUAL(answer.result_int(), 503u);
  CAF_CHECK_EQUAL(error(answer), "no target list yet");
  kill(waiting);
  CAF_CHECK(has(error(get("/-/ready")), "the syncer cannot answer now"));
}

CAF_TEST(an agent that can probe nothing is not ready and says why) {
  auto snapshot = sample::agent_stats();
  snapshot.blocked = "nothing can be probed: no permission";
  quit(stats);
  stats = fake<stats_actor>(system, {[snapshot](get_stats_atom) { return snapshot; }});
  add(syncer, false);
  const auto answer = get("/-/ready");
  CAF_CHECK_EQUAL(answer.result_int(), 503u);
  CAF_CHECK_EQUAL(error(answer), "nothing can be probed: no permission");
  CAF_CHECK_EQUAL(get("/-/healthy").result_int(), 200u);
}

CAF_TEST(pages are there without the results) {
  kill(results);
  CAF_CHECK_EQUAL(get("/").result_int(), 200u);
  CAF_CHECK_EQUAL(get("/targets").result_int(), 503u);
}

CAF_TEST(a reload tells of its problems) {
  CAF_CHECK_EQUAL(request(net::http::verb::post, "/-/reload").result_int(), 501u);
  std::string problems;
  add(syncer, false, [&]() -> asio::awaitable<std::string> { co_return problems; });
  CAF_CHECK_EQUAL(request(net::http::verb::post, "/-/reload").result_int(), 200u);
  problems = "agent.yaml:3: log_level: unknown level";
  const auto refused = request(net::http::verb::post, "/-/reload");
  CAF_CHECK_EQUAL(refused.result_int(), 500u);
  CAF_CHECK_EQUAL(error(refused), "the old configuration stays in force: " + problems);
}

CAF_TEST(a reload is a POST) {
  const auto answer = get("/-/reload");
  CAF_CHECK_EQUAL(answer.result_int(), 405u);
  CAF_CHECK(answer[net::http::field::allow].find("POST") != std::string::npos);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace agent_routes_suite
