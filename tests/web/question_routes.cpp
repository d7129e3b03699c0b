#define CAF_SUITE question_routes

#include "xprober/web/question_routes.hpp"

#include <memory>
#include <string>
#include <utility>

#include "web/routes_fixture.hpp"
#include "xprober/web/json.hpp"

#include "caf/test/unit_test.hpp"

namespace question_routes_suite {

using namespace xprober;
using namespace routes_test;
using web::json;

namespace {

/// What the pool was asked last, and says.
struct pool_script {
  ask_agent asked;
  bool mute = false;
  agent_answer answer{question_end::answered,
                      {},
                      R"({"result": {"success": true}})"
                      "\n"};
};

struct question_fixture : fixture {
  question_fixture() : fixture(sample::server_stats()) {
    store = fake<store_actor>(system, {[](const store_query& query) -> store_view {
                                auto all = sample::store_with_targets();
                                all.targets[1].failures = {{100, 130, 3, series_state::failing,
                                                            "no_reply", "", "no answer"}};
                                std::erase_if(all.targets, [&query](const stored_target& row) {
                                  const auto& terms = query.page->terms;
                                  return terms.uid ? stable_hash(row.target) != *terms.uid
                                                   : row.target.address != *terms.target;
                                });
                                return std::make_shared<const store_snapshot>(std::move(all));
                              }});
    registry = fake<registry_actor>(system, {[](get_agents_atom) {
                                      auto all = sample::agents();
                                      for (auto& line : all.agents) {
                                        line.answers_questions = true;
                                        line.sync_interval_ms = 100;
                                      }
                                      all.agents[0].state = agent_state::lost;
                                      all.agents.push_back(all.agents[1]);
                                      all.agents[2].agent.local_ip = "10.0.1.2";
                                      all.agents[2].answers_questions = false;
                                      all.agents[2].version = "0.0.1";
                                      return all;
                                    }});
    // An actor, since one that says nothing is needed, too.
    const auto behave = [](caf::event_based_actor* self,
                           const std::shared_ptr<pool_script>& says) -> caf::behavior {
      return {[self, says](const ask_agent& order) -> caf::result<agent_answer> {
        says->asked = order;
        if (says->mute) {
          return self->make_response_promise<agent_answer>();
        }
        return says->answer;
      }};
    };
    pool = caf::actor_cast<target_pool_actor>(system.spawn(behave, script));
    web::add_question_routes(routes, {gateway, store, registry, pool, milliseconds{300}});
  }

  ~question_fixture() {
    quit(store);
    quit(registry);
    quit(pool);
  }

  net::http_response post(const json& body) {
    net::http_request question{net::http::verb::post, "/api/v1/probe", 11};
    question.set(net::http::field::content_type, "application/json");
    question.body() = body.dump();
    return request(question);
  }

  std::string story_of(const std::string& agent) {
    return "/api/v1/target/" + uid + "/story?" + agent;
  }

  static std::string error(const net::http_response& response) {
    return json::parse(response.body()).at("error").get<std::string>();
  }

  const std::string uid = uid_text(sample::icmp_uid("10.9.9.9", "eu-west"));
  store_actor store;
  registry_actor registry;
  target_pool_actor pool;
  std::shared_ptr<pool_script> script = std::make_shared<pool_script>();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(question_routes_tests, question_fixture)

CAF_TEST(a probe is asked for by uid or by target) {
  asked_by.asker = "user alice";
  auto answer = post({{"uid", uid}, {"region", "cn-south"}, {"module", "icmp_many"}});
  CAF_REQUIRE_EQUAL(answer.result_int(), 200u);
  const auto out = json::parse(answer.body());
  CAF_CHECK_EQUAL(out.at("target").get<std::string>(), "10.9.9.9");
  CAF_CHECK_EQUAL(out.at("agent").at("local_ip").get<std::string>(), "10.0.1.1");
  CAF_CHECK_EQUAL(out.at("answer").at("result").at("success").get<bool>(), true);
  const auto& question = script->asked.question;
  CAF_CHECK(script->asked.agent == (agent_identity{"cn-south", "10.0.1.1"}));
  CAF_CHECK_EQUAL(script->asked.asker, "user alice");
  CAF_CHECK_EQUAL(question.what, "probe");
  CAF_CHECK_EQUAL(question.uid, uid);
  CAF_CHECK_EQUAL(question.prober_type, "icmp");
  CAF_CHECK_EQUAL(question.module, "icmp_many");
  CAF_CHECK_EQUAL(question.time_limit_ms, 30'000u);
  answer = post({{"target", "10.9.9.9"}, {"probe_type", "icmp"}, {"region", "cn-south"}});
  CAF_CHECK_EQUAL(answer.result_int(), 200u);
  answer = post({{"target", "10.9.9.9"}, {"probe_type", "http"}, {"region", "cn-south"}});
  CAF_CHECK_EQUAL(answer.result_int(), 404u);
}

CAF_TEST(what is wrong with a question is said) {
  CAF_CHECK(error(post({{"uid", uid}})).find("region is missing") != std::string::npos);
  CAF_CHECK(error(post({{"region", "r"}})).find("which target") != std::string::npos);
  CAF_CHECK(error(post({{"uid", "7"}, {"region", "r"}})).find("16 hexadecimal") !=
            std::string::npos);
  CAF_CHECK(error(post({{"uid", uid}, {"region", "r"}, {"x", 1}})).find("unknown key") !=
            std::string::npos);
  CAF_CHECK_EQUAL(post({{"uid", "0123456789abcdef"}, {"region", "cn-south"}}).result_int(), 404u);
  const auto nobody = post({{"uid", uid}, {"region", "mars"}});
  CAF_CHECK_EQUAL(nobody.result_int(), 404u);
  CAF_CHECK(error(nobody).find("no agent 'mars'") != std::string::npos);
}

CAF_TEST(who cannot be asked is said with the reason) {
  const auto lost = post({{"uid", uid}, {"region", "cn-north"}});
  CAF_CHECK_EQUAL(lost.result_int(), 409u);
  CAF_CHECK(error(lost).find("is lost, and was seen last at 2026-") != std::string::npos);
  const auto old = post({{"uid", uid}, {"region", "cn-south"}, {"local_ip", "10.0.1.2"}});
  CAF_CHECK_EQUAL(old.result_int(), 409u);
  CAF_CHECK(error(old).find("(0.0.1) is too old") != std::string::npos);
}

CAF_TEST(what an agent says or does not say becomes a status) {
  const json question = {{"uid", uid}, {"region", "cn-south"}};
  script->answer = {question_end::refused, "it is forbidden", {}};
  auto answer = post(question);
  CAF_CHECK_EQUAL(answer.result_int(), 409u);
  CAF_CHECK_EQUAL(error(answer), "the agent cn-south 10.0.1.1 says: it is forbidden");
  script->answer = {question_end::too_many, "ask again later", {}};
  CAF_CHECK_EQUAL(post(question).result_int(), 429u);
  for (const auto* body : {"[1]", "{\"a\":", "{\"a\": \"\xff\"}"}) {
    script->answer = {question_end::answered, {}, body};
    CAF_CHECK_EQUAL(post(question).result_int(), 502u);
  }
  script->answer.body = "{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  CAF_CHECK_EQUAL(post(question).result_int(), 200u);
}

CAF_TEST(a story has what the server knows though its agent says nothing) {
  auto out = json::parse(get(story_of("region=cn-south&local_ip=10.0.1.1")).body());
  CAF_CHECK_EQUAL(out.at("story").at("result").at("success").get<bool>(), true);
  CAF_CHECK(out.at("problem").is_null());
  CAF_CHECK_EQUAL(out.at("source").at("failures").dump(),
                  R"([{"from_unix":100,"to_unix":130,"results":3,"state":"failing",)"
                  R"("reason":"no_reply","phase":null,"detail":"no answer"}])");
  script->mute = true;
  out = json::parse(get(story_of("region=cn-south&local_ip=10.0.1.1")).body());
  CAF_CHECK(out.at("story").is_null());
  CAF_CHECK(out.at("problem").get<std::string>().find("did not answer within") !=
            std::string::npos);
  CAF_CHECK_EQUAL(out.at("source").at("agent").get<std::string>(), "10.0.1.1");
  out = json::parse(get(story_of("region=cn-north")).body());
  CAF_CHECK_EQUAL(out.at("agent").at("state").get<std::string>(), "lost");
  CAF_CHECK(out.at("source").is_null());
  CAF_CHECK_EQUAL(get(story_of("")).result_int(), 400u);
  CAF_CHECK_EQUAL(get(story_of("region=mars")).result_int(), 404u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace question_routes_suite
