#define CAF_SUITE question_desk

#include "xprober/actors/server/question_desk.hpp"

#include <string>
#include <vector>

#include "caf/test/dsl.hpp"

namespace question_desk_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

const agent_identity north{"north", "10.0.0.1"};
const agent_identity south{"south", "10.0.0.2"};

struct fixture {
  question_desk desk;
  monotonic_time now{1h};
  std::vector<agent_answer> answers;

  void ask(const agent_identity& agent, const std::string& asker = "address 192.0.2.1") {
    ask_agent order{agent, {"", "probe", "", "icmp", "eu", "10.0.0.9"}, 20s, asker};
    desk.ask(order, now, [this](agent_answer&& got) { answers.push_back(std::move(got)); });
  }

  std::vector<agent_question> take(const agent_identity& agent, const std::string& process,
                                   std::vector<agent_reply> replies = {}) {
    return desk.exchange({agent.region, agent.local_ip, process, std::move(replies)}, now)
        .questions;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(question_desk_tests, fixture)

CAF_TEST(a question goes to its agent once and its answer to who asked) {
  ask(north);
  CAF_CHECK(desk.waits_for(north, now));
  CAF_CHECK(!desk.waits_for(south, now));
  CAF_CHECK(take(south, "s").empty());
  const auto taken = take({"north", "::ffff:10.0.0.1"}, "n");
  CAF_REQUIRE_EQUAL(taken.size(), 1U);
  CAF_CHECK_EQUAL(taken[0].id.size(), 32U);
  CAF_CHECK_EQUAL(taken[0].target, "10.0.0.9");
  CAF_CHECK(!desk.waits_for(north, now));
  CAF_CHECK(take(north, "n").empty());
  CAF_CHECK(answers.empty());
  take(north, "n", {{taken[0].id, "", "{}"}});
  CAF_REQUIRE_EQUAL(answers.size(), 1U);
  CAF_CHECK(answers[0].end == question_end::answered);
  CAF_CHECK_EQUAL(answers[0].body, "{}");
  CAF_CHECK_EQUAL(desk.size(), 0U);
  take(north, "n", {{taken[0].id, "", "{}"}});
  CAF_CHECK_EQUAL(answers.size(), 1U);
}

CAF_TEST(nobody answers for another one) {
  ask(north);
  const auto id = take(north, "n").at(0).id;
  take(south, "n", {{id, "", "{}"}});
  take(north, "another process", {{id, "", "{}"}});
  take(north, "n", {{"0123456789abcdef0123456789abcdef", "", "{}"}});
  CAF_CHECK(answers.empty());
  take(north, "n", {{id, "it is not allowed", ""}});
  CAF_REQUIRE_EQUAL(answers.size(), 1U);
  CAF_CHECK(answers[0].end == question_end::refused);
  CAF_CHECK_EQUAL(answers[0].problem, "it is not allowed");
}

CAF_TEST(what nobody waits for any more is forgotten) {
  ask(north);
  now += 20s;
  CAF_CHECK(!desk.waits_for(north, now));
  CAF_CHECK_EQUAL(desk.size(), 0U);
  ask(north);
  const auto id = take(north, "n").at(0).id;
  now += 20s;
  take(north, "n", {{id, "", "{}"}});
  CAF_CHECK(answers.empty());
}

CAF_TEST(questions of one agent and those of a time are bounded) {
  for (std::size_t i = 0; i < question_desk::most_of_agent; ++i) {
    ask(north);
  }
  CAF_CHECK(answers.empty());
  ask(north);
  CAF_REQUIRE_EQUAL(answers.size(), 1U);
  CAF_CHECK(answers[0].end == question_end::too_many);
  CAF_CHECK_EQUAL(take(north, "n").size(), most_questions);
  now += 20s;
  answers.clear();
  for (std::size_t i = 0; i < question_desk::burst + 1; ++i) {
    ask({"north", "10.0.1." + std::to_string(i)});
  }
  CAF_REQUIRE_EQUAL(answers.size(), 1U);
  CAF_CHECK(answers[0].end == question_end::too_many);
  now += question_desk::pace;
  ask(south);
  CAF_CHECK_EQUAL(answers.size(), 1U);
}

CAF_TEST(who asks too much keeps nobody else from asking) {
  std::size_t agents = 0;
  const auto ask_all = [&](const std::string& asker, std::size_t questions) {
    answers.clear();
    for (std::size_t i = 0; i < questions; ++i) {
      ask({"north", "agent " + std::to_string(++agents)}, asker);
    }
    return questions - answers.size();
  };
  CAF_CHECK_EQUAL(ask_all("user reader", 30), question_desk::burst);
  CAF_CHECK_EQUAL(ask_all("user operator", 10), 10U);
  CAF_CHECK_EQUAL(ask_all("user reader", 1), 0U);
  CAF_MESSAGE("slowly, too: half of those that may wait are for others");
  for (int i = 0; i < 15; ++i) {
    now += question_desk::pace;
    ask_all("user reader", 1);
  }
  CAF_CHECK_EQUAL(ask_all("user reader", 1), 0U);
  CAF_CHECK_EQUAL(ask_all("user operator", 1), 1U);
}

CAF_TEST(those above very many askers share one pace) {
  const auto is_asked = [&](std::size_t user) {
    answers.clear();
    ask(north, "user " + std::to_string(user));
    const auto taken = take(north, "n");
    if (!taken.empty()) {
      take(north, "n", {{taken[0].id, "", "{}"}});
    }
    return !taken.empty();
  };
  std::size_t user = 0;
  std::size_t asked = 0;
  for (; user < question_desk::most_askers + 100; ++user) {
    asked += is_asked(user) ? 1 : 0;
  }
  CAF_CHECK_EQUAL(asked, question_desk::most_askers + question_desk::burst);
  CAF_CHECK(is_asked(0));
  CAF_MESSAGE("who has not asked for long makes room");
  now += question_desk::pace * question_desk::burst;
  for (const auto last = user + 2 * question_desk::burst; user < last; ++user) {
    CAF_CHECK(is_asked(user));
  }
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace question_desk_suite
