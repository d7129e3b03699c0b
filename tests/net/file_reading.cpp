#define CAF_SUITE file_reading

#include "xprober/net/file_reading.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "net/io_thread.hpp"

#include "caf/test/unit_test.hpp"

namespace file_reading_suite {

using namespace xprober;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

constexpr auto never = monotonic_time::max();

/// A file system that does not answer until it is let go.
struct silent_files {
  ~silent_files() { let_go(); }

  void let_go() {
    if (!std::exchange(gone, true)) {
      gate.set_value();
    }
  }

  std::string error_of(std::function<read_text()> read, monotonic_time until) {
    const auto once = [](std::function<read_text()> what,
                         monotonic_time at) -> asio::awaitable<read_text> {
      auto text = co_await net::read_apart(std::move(what), at);
      co_return text;
    };
    return asio::co_spawn(io.context, once(std::move(read), until), asio::use_future).get().error;
  }
  std::function<read_text()> hangs() {
    return [opened = opened, begun = begun] {
      *begun = true;
      opened.wait();
      return read_text{"at last", {}};
    };
  }
  /// Until one has begun, and is given up: what has no time left before is never begun.
  std::string hang(std::chrono::milliseconds patience) {
    std::string error;
    while (!*begun) {
      error = error_of(hangs(), monotonic_clock::now() + patience);
    }
    return error;
  }

  std::promise<void> gate;
  std::shared_future<void> opened = gate.get_future().share();
  std::shared_ptr<std::atomic<bool>> begun = std::make_shared<std::atomic<bool>>(false);
  bool gone = false;
  test::io_thread io;
};

} // namespace

CAF_TEST(a file is read on another thread and its text comes back on this one) {
  test::io_thread io;
  std::thread::id read_on;
  const auto once = [&]() -> asio::awaitable<std::thread::id> {
    std::function<read_text()> read = [&] {
      read_on = std::this_thread::get_id();
      return read_text{"secret", {}};
    };
    const auto text = co_await net::read_apart(std::move(read), never);
    CAF_CHECK_EQUAL(text.text, "secret");
    CAF_CHECK(text.ok());
    co_return std::this_thread::get_id();
  };
  const auto back_on = asio::co_spawn(io.context, once(), asio::use_future).get();
  CAF_CHECK(read_on != std::thread::id{});
  CAF_CHECK(back_on != read_on);
  const auto first = read_on;
  asio::co_spawn(io.context, once(), asio::use_future).get();
  CAF_CHECK(read_on == first);
}

CAF_TEST(what reading throws is an error) {
  test::io_thread io;
  const auto once = [&]() -> asio::awaitable<read_text> {
    std::function<read_text()> read = []() -> read_text {
      throw std::runtime_error{"no memory for it"};
    };
    auto text = co_await net::read_apart(std::move(read), never);
    co_return text;
  };
  const auto text = asio::co_spawn(io.context, once(), asio::use_future).get();
  CAF_CHECK_EQUAL(text.error, "no memory for it");
}

CAF_TEST(a context may end while something is read) {
  auto io = std::make_unique<asio::io_context>(1);
  const auto once = [&]() -> asio::awaitable<void> {
    std::function<read_text()> read = [] { return read_text{"late", {}}; };
    co_await net::read_apart(std::move(read), never);
  };
  asio::co_spawn(*io, once(), asio::detached);
  io->poll_one();
  io->poll_one();
  io.reset();
  CAF_CHECK(!io);
}

CAF_TEST(who waits for a file that does not come goes on after his time) {
  silent_files files;
  CAF_CHECK(files.hang(50ms).find("not read in time") != std::string::npos);
  // Nor is one that waits behind it, which is not begun any more.
  auto was_read = std::make_shared<std::atomic<bool>>(false);
  const auto behind = [was_read] {
    *was_read = true;
    return read_text{"behind", {}};
  };
  CAF_CHECK(!files.error_of(behind, monotonic_clock::now() + 50ms).empty());
  files.let_go();
  CAF_CHECK_EQUAL(files.error_of([] { return read_text{"well", {}}; }, never), "");
  CAF_CHECK(!*was_read);
}

CAF_TEST(what was given up is bounded and gone once the files answer) {
  silent_files files;
  CAF_CHECK(!files.hang(1ms).empty());
  for (std::size_t i = 1; i < net::most_given_up; ++i) {
    CAF_CHECK(!files.error_of(files.hangs(), monotonic_clock::now() + 1ms).empty());
  }
  // At once, whatever time there is.
  CAF_CHECK(!files.error_of([] { return read_text{"well", {}}; }, never).empty());
  files.let_go();
  CAF_CHECK(test::eventually(
      [&] { return files.error_of([] { return read_text{"well", {}}; }, never).empty(); }));
}

} // namespace file_reading_suite
