#define CAF_SUITE file_reading

#include "xprober/net/file_reading.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
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
namespace asio = boost::asio;

CAF_TEST(a file is read on another thread and its text comes back on this one) {
  test::io_thread io;
  std::thread::id read_on;
  const auto once = [&]() -> asio::awaitable<std::thread::id> {
    std::function<read_text()> read = [&] {
      read_on = std::this_thread::get_id();
      return read_text{"secret", {}};
    };
    const auto text = co_await net::read_apart(std::move(read));
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
    auto text = co_await net::read_apart(std::move(read));
    co_return text;
  };
  const auto text = asio::co_spawn(io.context, once(), asio::use_future).get();
  CAF_CHECK_EQUAL(text.error, "no memory for it");
}

CAF_TEST(a context may end while something is read) {
  auto io = std::make_unique<asio::io_context>(1);
  const auto once = [&]() -> asio::awaitable<void> {
    std::function<read_text()> read = [] { return read_text{"late", {}}; };
    co_await net::read_apart(std::move(read));
  };
  asio::co_spawn(*io, once(), asio::detached);
  io->poll_one();
  io->poll_one();
  io.reset();
  CAF_CHECK(!io);
}

} // namespace file_reading_suite
