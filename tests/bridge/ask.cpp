#define CAF_SUITE ask

#include "xprober/bridge/ask.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "rpc/fake_actors.hpp"

#include "caf/test/dsl.hpp"

namespace ask_suite {

using namespace xprober;
using namespace xprober::bridge;
using namespace std::chrono_literals;

namespace {

template <class R>
boost::asio::awaitable<void> deliver(boost::asio::awaitable<caf::expected<R>> asking,
                                     std::shared_ptr<std::promise<caf::expected<R>>> to) {
  to->set_value(co_await std::move(asking));
}

struct fixture {
  /// Begins to ask on the I/O thread.
  template <class R, class Handle, class... Ts>
  std::future<caf::expected<R>> begin(Handle dest, std::chrono::milliseconds timeout, Ts... args) {
    auto answer = std::make_shared<std::promise<caf::expected<R>>>();
    auto future = answer->get_future();
    boost::asio::co_spawn(
        backend.io.context,
        deliver<R>(ask<R>(backend.actors.gateway, dest, timeout, std::move(args)...), answer),
        boost::asio::detached);
    return future;
  }

  std::future<caf::expected<targets_answer>> begin_targets(const std::string& region) {
    return begin<targets_answer>(backend.actors.target_pool, 20s,
                                 get_targets_request{region, "ip", ""});
  }

  template <class R, class Handle, class... Ts>
  caf::expected<R> question(Handle dest, std::chrono::milliseconds timeout, Ts... args) {
    return begin<R>(dest, timeout, std::move(args)...).get();
  }

  caf::expected<targets_answer> targets(const std::string& region,
                                        std::chrono::milliseconds timeout = 5s) {
    return question<targets_answer>(backend.actors.target_pool, timeout,
                                    get_targets_request{region, "ip", ""});
  }

  test::fake_backend backend;
};

bool has(const caf::error& error, std::string_view part) {
  return error_text(error).find(part) != std::string::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(ask_tests, fixture)

CAF_TEST(an_answer_comes_back_to_the_coroutine) {
  const auto answer = targets("north");
  CAF_REQUIRE(answer);
  CAF_CHECK_EQUAL((*answer)->targets.at(0).targets.at(0), "north.example");
  const auto agents = question<agent_listing>(backend.actors.registry, 5s, get_agents_atom_v);
  CAF_CHECK(agents);
}

CAF_TEST(an_error_of_the_actor_comes_back) {
  const auto answer = targets("bad");
  CAF_REQUIRE(!answer);
  CAF_CHECK(has(answer.error(), "no list for you"));
}

CAF_TEST(an_error_is_told_as_a_sentence) {
  CAF_CHECK_EQUAL(error_text(targets("bad").error()), "no list for you");
  CAF_CHECK_EQUAL(error_text(caf::make_error(caf::sec::runtime_error, "the disk is full")),
                  "the disk is full");
  CAF_CHECK_EQUAL(error_text(caf::make_error(caf::sec::request_timeout)), "no answer in time");
  CAF_CHECK_EQUAL(error_text(caf::make_error(caf::sec::request_receiver_down)), "it has ended");
  CAF_CHECK_EQUAL(error_text(caf::make_error(caf::exit_reason::user_shutdown)), "it has ended");
  CAF_CHECK_EQUAL(error_text(make_error(ec::timeout, "an actor")), "no answer in time: an actor");
  for (std::uint8_t code = 1; code < 70; ++code) {
    const auto text = error_text(caf::error{code, caf::atom("system")});
    CAF_CHECK(text.find("system_error") == std::string::npos && !text.empty());
  }
}

CAF_TEST(silence_ends_at_the_timeout) {
  const auto begin = std::chrono::steady_clock::now();
  const auto answer = targets("mute", 200ms);
  CAF_CHECK(!answer);
  CAF_CHECK(std::chrono::steady_clock::now() - begin < 3s);
}

CAF_TEST(a_dead_actor_is_an_error_at_once) {
  caf::anon_send_exit(backend.actors.target_pool, caf::exit_reason::user_shutdown);
  const auto begin = std::chrono::steady_clock::now();
  CAF_CHECK(!targets("north", 20s));
  CAF_CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

CAF_TEST(a_dead_gateway_is_an_error_at_once) {
  caf::anon_send_exit(backend.actors.gateway, caf::exit_reason::user_shutdown);
  const auto begin = std::chrono::steady_clock::now();
  const auto answer = targets("north", 20s);
  CAF_CHECK(!answer);
  CAF_CHECK(is(answer.error(), ec::shutdown));
  CAF_CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

CAF_TEST(a_gateway_that_ends_while_an_actor_is_silent_answers_with_an_error) {
  auto answer = begin_targets("mute");
  CAF_REQUIRE(test::eventually([&] { return backend.counts->lists == 1; }));
  caf::anon_send_exit(backend.actors.gateway, caf::exit_reason::user_shutdown);
  const auto begin = std::chrono::steady_clock::now();
  const auto got = answer.get();
  CAF_CHECK(!got);
  CAF_CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

CAF_TEST(an_answer_after_the_coroutine_has_gone_is_dropped) {
  const auto answer = begin_targets("mute");
  CAF_REQUIRE(test::eventually([&] { return backend.counts->lists == 1; }));
  backend.io.stop(); // the coroutine never goes on; the answer is still posted
  caf::anon_send_exit(backend.actors.target_pool, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(backend.actors.gateway, caf::exit_reason::user_shutdown);
  CAF_CHECK(answer.wait_for(50ms) == std::future_status::timeout);
}

CAF_TEST(many_questions_at_once_get_their_own_answers) {
  std::vector<std::future<caf::expected<targets_answer>>> answers;
  for (int i = 0; i < 500; ++i) {
    answers.push_back(begin_targets(std::to_string(i)));
  }
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto answer = answers[i].get();
    CAF_REQUIRE(answer);
    CAF_REQUIRE_EQUAL((*answer)->targets.at(0).targets.at(0), std::to_string(i) + ".example");
  }
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace ask_suite
