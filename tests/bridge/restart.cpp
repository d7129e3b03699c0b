#define CAF_SUITE restart

#include "xprober/bridge/restart.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "caf/test/dsl.hpp"

namespace restart_suite {

using namespace xprober::bridge;
namespace asio = boost::asio;

namespace {

struct fixture {
  asio::io_context io;
  int runs = 0;
  int fails_until = 0;
  bool go_on = true;
  std::vector<std::string> told;

  asio::awaitable<void> work() {
    ++runs;
    if (runs == 1 && runs <= fails_until) {
      throw 1;
    }
    if (runs <= fails_until) {
      throw std::runtime_error{"fault " + std::to_string(runs)};
    }
    co_return;
  }

  asio::awaitable<bool> failed(std::string what) {
    told.push_back(what);
    co_return go_on;
  }

  void run() {
    const auto each = [this] { return work(); };
    const auto after = [this](const std::string& what) { return failed(what); };
    asio::co_spawn(io, run_again(each, after), asio::detached);
    io.run();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(restart_tests, fixture)

CAF_TEST(what ends by itself is not run again) {
  run();
  CAF_CHECK_EQUAL(runs, 1);
  CAF_CHECK(told.empty());
}

CAF_TEST(after an exception its text is told before the next run) {
  fails_until = 3;
  run();
  CAF_CHECK_EQUAL(runs, 4);
  CAF_REQUIRE_EQUAL(told.size(), 3u);
  CAF_CHECK_EQUAL(told[0], "an exception without a text");
  CAF_CHECK_EQUAL(told[1], "fault 2");
  CAF_CHECK_EQUAL(told[2], "fault 3");
}

CAF_TEST(whoever hears of the exception can end it) {
  fails_until = 3;
  go_on = false;
  run();
  CAF_CHECK_EQUAL(runs, 1);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace restart_suite
