#define CAF_SUITE reload_gate

#include "xprober/app/reload_gate.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "support/child_process.hpp"
#include "xprober/base/log.hpp"

#include <caf/test/dsl.hpp>

namespace reload_gate_suite {

using xprober::app::reload_gate;
namespace asio = boost::asio;

namespace {

/// Reloads that wait until the test lets them go on.
struct fixture {
  fixture() { xprober::log::set_level(xprober::log::level::off); }

  asio::awaitable<std::string> work() {
    const auto number = ++begun;
    if (held) {
      boost::system::error_code ignored;
      co_await hold.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    if (broken) {
      throw std::runtime_error("broken");
    }
    co_return "reload " + std::to_string(number);
  }

  /// Asks and waits; the answer comes into `answers`.
  void ask() {
    asio::co_spawn(io, gate.reload(), [this](const std::exception_ptr& failed, std::string said) {
      answers.push_back(failed ? "failed" : said);
    });
  }

  void run() {
    io.restart();
    io.poll();
  }

  void let_go() {
    held = false;
    hold.cancel();
    run();
  }

  asio::io_context io;
  asio::steady_timer hold{io, asio::steady_timer::time_point::max()};
  bool held = false;
  bool broken = false;
  int begun = 0;
  std::vector<std::string> answers;
  reload_gate gate{io, [this] { return work(); }};
};

using strings = std::vector<std::string>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(reload_gate_tests, fixture)

CAF_TEST(a burst of requests is one reload) {
  for (int i = 0; i < 2000; ++i) {
    gate.request();
  }
  run();
  CAF_CHECK_EQUAL(begun, 1);
}

CAF_TEST(what is asked for during a reload is one more behind it) {
  held = true;
  gate.request();
  run();
  CAF_CHECK_EQUAL(begun, 1);
  for (int i = 0; i < 2000; ++i) {
    gate.request();
  }
  ask();
  run();
  CAF_CHECK_EQUAL(begun, 1);
  CAF_CHECK(answers.empty());
  let_go();
  CAF_CHECK_EQUAL(begun, 2);
  CAF_CHECK(answers == strings{"reload 2"});
}

CAF_TEST(a burst holds up nobody) {
  for (int i = 0; i < 2000; ++i) {
    gate.request();
  }
  int begun_before = -1;
  asio::post(io, [&] { begun_before = begun; });
  run();
  CAF_CHECK_EQUAL(begun_before, 0);
  CAF_CHECK_EQUAL(begun, 1);
}

CAF_TEST(all that wait for one reload get its answer) {
  ask();
  ask();
  gate.request();
  run();
  CAF_CHECK_EQUAL(begun, 1);
  CAF_CHECK((answers == strings{"reload 1", "reload 1"}));
  ask();
  run();
  CAF_CHECK_EQUAL(answers.back(), "reload 2");
}

CAF_TEST(other work has its turn between reloads and shares nothing) {
  held = true;
  gate.request();
  run();
  const auto take_turn = [this](const std::string& text) {
    const auto other = [text]() -> asio::awaitable<std::string> { co_return text; };
    asio::co_spawn(io, gate.take_turn(other),
                   [this](const std::exception_ptr& failed, std::string said) {
                     answers.push_back(failed ? "failed" : said);
                   });
  };
  take_turn("first");
  ask();
  take_turn("second");
  ask();
  run();
  CAF_CHECK(answers.empty());
  let_go();
  run();
  CAF_CHECK_EQUAL(begun, 2);
  CAF_CHECK((answers == strings{"first", "reload 2", "reload 2", "second"}));
}

CAF_TEST(other work begins where nothing is under way) {
  asio::co_spawn(io, gate.take_turn([this] { return work(); }),
                 [this](const std::exception_ptr&, std::string said) { answers.push_back(said); });
  run();
  CAF_CHECK((answers == strings{"reload 1"}));
}

CAF_TEST(why a reload failed is in the log) {
  xprober::test::child_process child{[this] {
    xprober::log::set_level(xprober::log::level::info);
    broken = true;
    ask();
    run();
    return 0;
  }};
  CAF_CHECK(child.says("a reload failed of an error of its own error=broken"));
}

CAF_TEST(a reload that throws is over) {
  broken = true;
  ask();
  run();
  CAF_CHECK(answers == strings{"failed"});
  broken = false;
  ask();
  run();
  CAF_CHECK_EQUAL(answers.back(), "reload 2");
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace reload_gate_suite
