#define CAF_SUITE reading_thread

#include "xprober/app/reading_thread.hpp"

#include <atomic>
#include <exception>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include "caf/test/unit_test.hpp"

namespace reading_thread_suite {

using xprober::app::reading_thread;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

/// Who awaits what is read, on the test's thread.
struct fixture {
  template <class F>
  void ask(F work) {
    asio::co_spawn(io, thread.run(std::move(work)),
                   [this](const std::exception_ptr& failed, const std::string& text) {
                     answer = failed ? "failed" : text;
                     io.stop();
                   });
  }

  asio::io_context io;
  std::string answer;
  reading_thread thread;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(reading_thread_tests, fixture)

CAF_TEST(it works on a thread of its own and answers where it was asked) {
  const auto here = std::this_thread::get_id();
  ask([here] { return std::string{std::this_thread::get_id() == here ? "here" : "there"}; });
  io.run_for(10s);
  CAF_CHECK_EQUAL(answer, "there");
}

CAF_TEST(what is thrown comes back) {
  ask([]() -> std::string { throw std::runtime_error("broken"); });
  io.run_for(10s);
  CAF_CHECK_EQUAL(answer, "failed");
}

CAF_TEST(nobody waits longer than said for a disk that does not answer) {
  std::atomic<int> begun{0};
  std::promise<void> disk;
  auto answers = disk.get_future().share();
  for (int i = 0; i < 2; ++i) {
    ask([&begun, answers] {
      ++begun;
      answers.wait();
      return std::string{"read"};
    });
  }
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (begun == 0 && std::chrono::steady_clock::now() < until) {
    io.run_for(1ms);
  }
  thread.refuse();
  CAF_CHECK(!thread.is_over_within(20ms));
  disk.set_value();
  CAF_CHECK(thread.is_over_within(10s));
  CAF_CHECK_EQUAL(begun, 1);
}

CAF_TEST(one that does nothing is over at once) {
  thread.refuse();
  CAF_CHECK(thread.is_over_within(10s));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace reading_thread_suite
