#define CAF_SUITE dialer

#include "xprober/net/dialer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_future.hpp>

#include "net/io_thread.hpp"

#include "caf/test/unit_test.hpp"

namespace dialer_suite {

using namespace xprober;
using namespace xprober::net;
using namespace std::chrono_literals;

namespace {

struct fixture {
  ~fixture() {
    io.on_thread([this] { resolver.stop(); });
    io.stop();
  }

  std::future<dial_result> begin(dialer& one, milliseconds timeout = 10s) {
    return asio::co_spawn(io.context, one.dial(monotonic_clock::now() + timeout), asio::use_future);
  }

  test::io_thread io;
  dns::resolver resolver{io.context.get_executor()};
  tcp::acceptor acceptor{io.context, {asio::ip::make_address("127.0.0.1"), 0}};
  std::uint16_t port = acceptor.local_endpoint().port();
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(dialer_tests, fixture)

CAF_TEST(names and addresses are dialled) {
  for (const auto* host : {"127.0.0.1", "localhost"}) {
    dialer one{io.context, resolver, {host, port}};
    const auto result = begin(one).get();
    CAF_CHECK_EQUAL(result.error, "");
    CAF_REQUIRE(result.connection != nullptr);
    CAF_CHECK_EQUAL(result.connection->peer(), "127.0.0.1:" + std::to_string(port));
  }
}

CAF_TEST(what was tried is named) {
  acceptor.close();
  const auto text = "127.0.0.1:" + std::to_string(port);
  dialer refused{io.context, resolver, {"localhost", port}};
  auto result = begin(refused).get();
  CAF_CHECK(result.connection == nullptr);
  CAF_CHECK(result.error.find("connect " + text + ": Connection refused") != std::string::npos);
  CAF_CHECK_EQUAL(result.reason, "Connection refused");
  dialer nowhere{io.context, resolver, {"", port}};
  result = begin(nowhere).get();
  CAF_CHECK(result.connection == nullptr);
  CAF_CHECK(!result.error.empty());
}

CAF_TEST(a dial that is stopped ends at once and so do later ones) {
  // A handshake that nobody answers.
  const auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  dialer one{io.context, resolver, {"127.0.0.1", port}, tls};
  auto first = begin(one, 60s);
  CAF_CHECK(first.wait_for(100ms) == std::future_status::timeout);
  io.on_thread([&] { one.stop(); });
  CAF_REQUIRE(first.wait_for(5s) == std::future_status::ready);
  CAF_CHECK(first.get().connection == nullptr);
  CAF_CHECK(begin(one, 60s).get().connection == nullptr);
}

CAF_TEST(a handshake is bounded by the deadline) {
  const auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  dialer one{io.context, resolver, {"127.0.0.1", port}, tls};
  const auto began = monotonic_clock::now();
  const auto result = begin(one, 200ms).get();
  CAF_CHECK(result.connection == nullptr);
  CAF_CHECK_EQUAL(result.reason, "no TLS handshake in time");
  CAF_CHECK(monotonic_clock::now() - began < 3s);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace dialer_suite
