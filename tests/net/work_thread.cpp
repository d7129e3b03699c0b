#define CAF_SUITE work_thread

#include "xprober/net/work_thread.hpp"

#include <exception>
#include <future>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "caf/test/unit_test.hpp"

namespace work_thread_suite {

using xprober::net::work_thread;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

/// Who awaits, on the test's thread.
struct fixture {
  template <class F>
  void ask(F work) {
    asio::co_spawn(io, thread.run(std::move(work)),
                   [this](const std::exception_ptr& failed, const std::string& text) {
                     answers.push_back(failed ? sentence(failed) : text);
                   });
  }

  static std::string sentence(const std::exception_ptr& failed) {
    try {
      std::rethrow_exception(failed);
    } catch (const std::exception& error) {
      return std::string{"failed: "} + error.what();
    }
  }

  /// Runs until so many answers have come, 10 s at most.
  void run_until(std::size_t count) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (answers.size() < count && std::chrono::steady_clock::now() < end) {
      io.restart();
      io.run_one_for(100ms);
    }
  }

  asio::io_context io;
  std::vector<std::string> answers;
  work_thread thread;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(work_thread_tests, fixture)

CAF_TEST(it works on a thread of its own and comes back where it was asked) {
  const auto here = std::this_thread::get_id();
  ask([here] { return std::string{std::this_thread::get_id() == here ? "here" : "there"}; });
  run_until(1);
  CAF_REQUIRE_EQUAL(answers.size(), 1U);
  CAF_CHECK_EQUAL(answers[0], "there");
}

CAF_TEST(what comes first is done first) {
  for (int i = 0; i < 20; ++i) {
    ask([i] { return std::to_string(i); });
  }
  run_until(20);
  CAF_REQUIRE_EQUAL(answers.size(), 20U);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CAF_CHECK_EQUAL(answers[i], std::to_string(i));
  }
}

CAF_TEST(what is thrown comes back and the thread goes on) {
  ask([]() -> std::string { throw std::runtime_error("broken"); });
  ask([]() -> std::string { throw std::bad_alloc(); });
  ask([] { return std::string{"well"}; });
  run_until(3);
  CAF_REQUIRE_EQUAL(answers.size(), 3U);
  CAF_CHECK_EQUAL(answers[0], "failed: broken");
  CAF_CHECK(answers[1].starts_with("failed: "));
  CAF_CHECK_EQUAL(answers[2], "well");
}

CAF_TEST(what was not begun comes back as such) {
  std::promise<void> begun;
  std::promise<void> go_on;
  auto gate = go_on.get_future().share();
  ask([&begun, gate] {
    begun.set_value();
    gate.wait();
    return std::string{"done"};
  });
  ask([] { return std::string{"never"}; });
  io.poll();
  begun.get_future().wait();
  std::thread releases{[&] {
    std::this_thread::sleep_for(50ms); // until `stop` waits, most likely
    go_on.set_value();
  }};
  thread.stop();
  releases.join();
  run_until(2);
  CAF_REQUIRE_EQUAL(answers.size(), 2U);
  // Either order of the release and the stop leaves the first whole.
  CAF_CHECK_EQUAL(answers[0], "done");
  ask([] { return std::string{"never"}; });
  run_until(3);
  CAF_REQUIRE_EQUAL(answers.size(), 3U);
  CAF_CHECK_EQUAL(answers[2], "failed: this process is ending");
}

CAF_TEST(who has gone is not come back to) {
  std::promise<void> go_on;
  auto gate = go_on.get_future().share();
  auto gone = std::make_unique<asio::io_context>();
  asio::co_spawn(*gone, thread.run([gate] {
    gate.wait();
    return std::string{"late"};
  }),
                 [](const std::exception_ptr&, const std::string&) {});
  gone->poll();
  gone->stop();
  go_on.set_value();
  thread.stop(); // before the context ends, as its owner does
  gone.reset();
  CAF_CHECK(answers.empty());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace work_thread_suite
