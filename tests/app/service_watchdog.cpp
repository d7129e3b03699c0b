#define CAF_SUITE service_watchdog

#include "xprober/app/service_watchdog.hpp"

#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>

#include "xprober/app/actor_host.hpp"
#include "xprober/base/log.hpp"

#include "caf/test/unit_test.hpp"

namespace service_watchdog_suite {

using namespace xprober::app;
using namespace std::chrono_literals;

namespace {

struct fixture {
  fixture() { xprober::log::set_level(xprober::log::level::off); }
  ~fixture() { ::unsetenv("WATCHDOG_USEC"); }

  main_loop_hooks hooks;
  int asked = 0;

  void feed() {
    feed_watchdog(hooks, [this](const std::function<void()>&) { ++asked; });
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(service_watchdog_tests, fixture)

CAF_TEST(without a watchdog nobody is asked) {
  feed();
  CAF_CHECK(!hooks.watch);
}

CAF_TEST(a watchdog has the question asked three times as often as it waits) {
  ::setenv("WATCHDOG_USEC", "9000000", 1);
  feed();
  CAF_REQUIRE(static_cast<bool>(hooks.watch));
  CAF_CHECK(hooks.watch_interval == 3s);
  CAF_CHECK_EQUAL(asked, 0);
  hooks.watch();
  CAF_CHECK_EQUAL(asked, 1);
}

CAF_TEST(actors that run answer through the thread of their host) {
  const auto well = std::make_shared<std::promise<void>>();
  auto answer = well->get_future();
  actor_host host{{"server", "1"}, 1};
  ask_health(host, [well] { well->set_value(); });
  CAF_CHECK(answer.wait_for(0s) == std::future_status::timeout); // its thread does not run yet
  host.start_io();
  CAF_CHECK(answer.wait_for(60s) == std::future_status::ready);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace service_watchdog_suite
