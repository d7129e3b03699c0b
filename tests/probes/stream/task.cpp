#define CAF_SUITE task

#include "xprober/probes/stream/task.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace task_suite {

using namespace xprober::stream;

namespace {

struct fixture {
  boost::asio::io_context io;
  std::vector<std::string> said;

  others_turn turn() { return others_turn{io.get_executor()}; }

  task<std::string> say(std::string text, int turns) {
    for (int i = 0; i < turns; ++i) {
      co_await turn();
    }
    said.push_back(text);
    co_return text;
  }

  task<int> fail(int turns) {
    for (int i = 0; i < turns; ++i) {
      co_await turn();
    }
    throw std::runtime_error("it failed");
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(task_tests, fixture)

CAF_TEST(a task begins where it is awaited and its value comes back at once or later) {
  std::vector<std::string> got;
  spawn(
      io.get_executor(),
      [&]() -> task<void> {
        auto later = say("first", 0);
        said.emplace_back("before");
        auto first = co_await std::move(later);
        got.push_back(std::move(first));
        for (const int turns : {0, 1, 3}) {
          auto next = co_await say(std::to_string(turns), turns);
          got.push_back(std::move(next));
        }
      },
      [&](const std::exception_ptr& thrown) { CAF_CHECK(!thrown); });
  CAF_CHECK((got == std::vector<std::string>{"first", "0"})); // as far as it gets without a turn
  io.run();
  CAF_CHECK((got == std::vector<std::string>{"first", "0", "1", "3"}));
  CAF_CHECK((said == std::vector<std::string>{"before", "first", "0", "1", "3"}));
}

CAF_TEST(an exception goes to who awaits and last to who spawned) {
  int caught = 0;
  std::vector<std::string> ended;
  for (const int turns : {0, 2}) {
    spawn(
        io.get_executor(),
        [&, turns]() -> task<void> {
          try {
            co_await fail(turns);
          } catch (const std::runtime_error&) {
            ++caught;
          }
          co_await fail(turns);
        },
        [&](const std::exception_ptr& thrown) {
          try {
            std::rethrow_exception(thrown);
          } catch (const std::runtime_error& what) {
            ended.emplace_back(what.what());
          }
        });
  }
  io.run();
  CAF_CHECK_EQUAL(caught, 2);
  CAF_CHECK((ended == std::vector<std::string>{"it failed", "it failed"}));
}

CAF_TEST(what the end throws comes out of the context) {
  spawn(
      io.get_executor(), [this]() -> task<void> { co_await turn(); },
      [](const std::exception_ptr&) { throw std::runtime_error("of the end"); });
  int came_out = 0;
  while (!io.stopped()) {
    try {
      io.run();
    } catch (const std::runtime_error&) {
      ++came_out;
    }
  }
  CAF_CHECK_EQUAL(came_out, 1);
}

CAF_TEST(a loop of tasks that need not wait needs no more stack) {
  std::size_t all = 0;
  spawn(
      io.get_executor(),
      [&]() -> task<void> {
        for (int i = 0; i < 100'000; ++i) {
          const auto got = co_await [](std::size_t one) -> task<std::size_t> { co_return one; }(1);
          all += got;
        }
      },
      [](const std::exception_ptr&) {});
  CAF_CHECK_EQUAL(all, 100'000u);
}

CAF_TEST(a task that nobody awaits does nothing and leaves nothing) {
  const auto before = xprober::blocks_kept();
  {
    const auto never = say("never", 0);
  }
  CAF_CHECK(said.empty());
  CAF_CHECK(xprober::blocks_kept() >= before);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace task_suite
