#define CAF_SUITE client

#include "xprober/rpc/client.hpp"

#include "xprober/actors/register_messages.hpp"
#include "xprober/bridge/error.hpp"

#include "caf/test/dsl.hpp"

namespace client_suite {

using namespace xprober;
using namespace xprober::rpc;

namespace {

/// Keeps the calls so that the test can answer them.
struct fake_engine : rpc::caller {
  void call(call_request request, call_completion done) override {
    requests.push_back(std::move(request));
    completions.push_back(std::move(done));
  }
  std::vector<call_request> requests;
  std::vector<call_completion> completions;
};

struct config : caf::actor_system_config {
  config() {
    register_messages(*this);
    bridge::register_errors(*this);
  }
};

struct fixture : test_coordinator_fixture<config> {
  fixture() : whole(sys.spawn(rpc_client, engine, stats_actor{})), client(whole) { run(); }
  ~fixture() { caf::anon_send_exit(client, caf::exit_reason::user_shutdown); }

  std::shared_ptr<fake_engine> engine = std::make_shared<fake_engine>();
  rpc_client_impl_actor whole;
  rpc_client_actor client; // others see the narrow interface
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(client_tests, fixture)

CAF_TEST(answers_in_another_order_reach_their_askers) {
  auto list = self->request(client, caf::infinite, get_targets_request{"r", "ip", "7"});
  auto push = self->request(client, caf::infinite, push_request{{{}, {}}});
  run();
  CAF_REQUIRE_EQUAL(engine->requests.size(), 2u);
  CAF_CHECK_EQUAL(std::get<get_targets_request>(engine->requests[0]).revision, "7");
  CAF_CHECK_EQUAL(std::get<push_request>(engine->requests[1]).values.size(), 2u);
  engine->completions[1](push_response{2});
  engine->completions[0](get_targets_response{{}, "8", true});
  run();
  push.receive([](const push_response& answer) { CAF_CHECK_EQUAL(answer.success_num, 2); },
               [](const caf::error& e) { CAF_FAIL(bridge::error_text(e)); });
  list.receive([](const get_targets_response& answer) { CAF_CHECK_EQUAL(answer.revision, "8"); },
               [](const caf::error& e) { CAF_FAIL(bridge::error_text(e)); });
}

CAF_TEST(an_error_is_the_answer) {
  auto push = self->request(client, caf::infinite, push_request{});
  run();
  engine->completions.at(0)(make_error(bridge::ec::connection_lost, "srv:6001: reset"));
  run();
  push.receive([](const push_response&) { CAF_FAIL("an answer"); },
               [&](const caf::error& e) {
                 CAF_CHECK(is(e, bridge::ec::connection_lost));
                 CAF_CHECK_EQUAL(bridge::error_text(e), "connection lost: srv:6001: reset");
                 CAF_CHECK_EQUAL(sys.render(e), "connection lost: srv:6001: reset");
               });
}

CAF_TEST(an_answer_of_the_other_kind_is_an_error) {
  auto push = self->request(client, caf::infinite, push_request{});
  run();
  engine->completions.at(0)(get_targets_response{});
  run();
  push.receive([](const push_response&) { CAF_FAIL("an answer"); },
               [](const caf::error& e) { CAF_CHECK(is(e, bridge::ec::bad_message)); });
}

CAF_TEST(another_engine_has_the_calls_from_then_on) {
  auto before = self->request(client, caf::infinite, push_request{});
  const auto other = std::make_shared<fake_engine>();
  auto told = self->request(whole, caf::infinite, use_caller{other});
  auto after = self->request(client, caf::infinite, push_request{});
  run();
  told.receive([](done_atom) {}, [](const caf::error& e) { CAF_FAIL(bridge::error_text(e)); });
  CAF_REQUIRE_EQUAL(engine->requests.size(), 1u);
  CAF_REQUIRE_EQUAL(other->requests.size(), 1u);
  other->completions[0](push_response{2});
  engine->completions[0](push_response{1});
  run();
  before.receive([](const push_response& answer) { CAF_CHECK_EQUAL(answer.success_num, 1); },
                 [](const caf::error& e) { CAF_FAIL(bridge::error_text(e)); });
  after.receive([](const push_response& answer) { CAF_CHECK_EQUAL(answer.success_num, 2); },
                [](const caf::error& e) { CAF_FAIL(bridge::error_text(e)); });
}

CAF_TEST(an_answer_after_the_actors_end_is_dropped) {
  caf::anon_send(client, push_request{});
  run();
  caf::anon_send_exit(client, caf::exit_reason::user_shutdown);
  run();
  client = nullptr;
  whole = nullptr;
  engine->completions.at(0)(push_response{1});
  run();
  CAF_CHECK_EQUAL(engine->completions.size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace client_suite
