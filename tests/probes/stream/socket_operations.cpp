#define CAF_SUITE socket_operations

#include "xprober/probes/stream/socket_operations.hpp"

#include <array>
#include <atomic>
#include <functional>
#include <string>

#include <boost/asio/post.hpp>

#include "probes/stream/script_server.hpp"
#include "xprober/probes/stream/connection.hpp"

#include "caf/test/unit_test.hpp"

namespace socket_operations_suite {

using namespace xprober::stream;
using namespace xprober::stream::test;

namespace {

struct fixture {
  boost::asio::io_context io;
  reactor sockets{io};
  connection over{sockets};

  void run(std::function<task<void>()> body) {
    spawn(io.get_executor(), std::move(body),
          [](const std::exception_ptr& thrown) { CAF_CHECK(thrown == nullptr); });
    sockets.end();
    io.run();
  }
  /// While the operation that is awaited next waits.
  void abort_soon() {
    boost::asio::post(io, [this] { over.abort(); });
  }
};

endpoint here(std::uint16_t port) { return {boost::asio::ip::address_v4::loopback(), port}; }

} // namespace

CAF_TEST_FIXTURE_SCOPE(socket_operations_tests, fixture)

CAF_TEST(a read that waits is over when its connection is closed) {
  script_server server{[](peer& client) { client.wait_closed(); }};
  io_result got;
  run([&]() -> task<void> {
    const auto to = here(server.port());
    const auto error = co_await over.connect(to);
    CAF_CHECK(!error);
    abort_soon();
    std::array<char, 10> bytes;
    got = co_await over.read(bytes);
  });
  CAF_CHECK(got.error == boost::asio::error::operation_aborted);
  CAF_CHECK_EQUAL(got.bytes, 0u);
}

CAF_TEST(what does not fit at once is written as the peer reads it) {
  const std::string sent(8UL * 1024 * 1024, 'x');
  std::size_t taken = 0;
  error_code error;
  {
    script_server server{[&](peer& client) { taken = client.read_bytes(sent.size()).size(); }};
    run([&]() -> task<void> {
      const auto to = here(server.port());
      error = co_await over.connect(to);
      CAF_CHECK(!error);
      error = co_await over.write(sent);
      co_await over.await_close();
    });
  }
  CAF_CHECK(!error);
  CAF_CHECK_EQUAL(taken, sent.size());
}

CAF_TEST(a write that waits is over when its connection is closed) {
  std::atomic<bool> over_now{false};
  script_server server{[&](peer&) { over_now.wait(false); }};
  const std::string sent(64UL * 1024 * 1024, 'x');
  error_code error;
  run([&]() -> task<void> {
    const auto to = here(server.port());
    error = co_await over.connect(to);
    CAF_CHECK(!error);
    abort_soon();
    error = co_await over.write(sent);
  });
  over_now = true;
  over_now.notify_all();
  CAF_CHECK(error == boost::asio::error::operation_aborted);
}

CAF_TEST(a connect that waits is over when its connection is closed) {
  script_server server{[](peer& client) { client.wait_closed(); }};
  error_code error;
  run([&]() -> task<void> {
    const auto to = here(server.port());
    abort_soon();
    error = co_await over.connect(to);
    const auto unread = co_await over.read({});
    CAF_CHECK(unread.error == boost::asio::error::operation_aborted);
    const auto unsent = co_await over.write("x");
    CAF_CHECK(unsent == boost::asio::error::operation_aborted);
  });
  CAF_CHECK(error == boost::asio::error::operation_aborted);
}

CAF_TEST(a connect says what failed) {
  std::uint16_t port = 0;
  {
    script_server gone{[](peer&) {}};
    port = gone.port();
  }
  error_code error;
  run([&]() -> task<void> {
    const auto to = here(port);
    error = co_await over.connect(to);
    over.abort();
  });
  CAF_CHECK(error == boost::asio::error::connection_refused);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace socket_operations_suite
