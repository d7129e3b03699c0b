#define CAF_SUITE connection

#include "xprober/probes/stream/connection.hpp"

#include <functional>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "probes/stream/script_server.hpp"

#include "caf/test/unit_test.hpp"

namespace connection_suite {

using namespace xprober;
using namespace xprober::stream;
using namespace xprober::stream::test;

namespace {

struct fixture {
  boost::asio::io_context io;
  tls_report report;
  connection over{io.get_executor()};

  void run(std::function<task<void>()> body) {
    boost::asio::co_spawn(io.get_executor(), std::move(body), [](const std::exception_ptr&) {});
    io.run();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(connection_tests, fixture)

CAF_TEST(TLS begins within TLS and not once more) {
  script_server server{[](peer& client) {
    client.send("this is no TLS\r\n");
    client.wait_closed();
  }};
  tls_options options;
  options.insecure_skip_verify = true;
  const tls_context context{options};
  const tls_peer whom{"named.test", false};
  std::vector<error_code> errors;
  run([&]() -> task<void> {
    const endpoint to{boost::asio::ip::address_v4::loopback(), server.port()};
    const auto connected = co_await over.connect(to);
    errors.push_back(connected);
    for (int i = 0; i < 3; ++i) {
      const auto error = co_await over.handshake(context, whom, report);
      errors.push_back(error);
    }
    over.abort();
  });
  CAF_REQUIRE_EQUAL(errors.size(), 4u);
  CAF_CHECK(!errors[0]);
  CAF_CHECK(errors[1] && errors[1] != boost::system::errc::operation_not_supported);
  CAF_CHECK(errors[2] && errors[2] != boost::system::errc::operation_not_supported);
  CAF_CHECK(errors[3] == boost::system::errc::operation_not_supported);
}

CAF_TEST(who yields learns that the connection was closed meanwhile) {
  script_server server{[](peer& client) { client.wait_closed(); }};
  std::vector<error_code> errors;
  run([&]() -> task<void> {
    const endpoint to{boost::asio::ip::address_v4::loopback(), server.port()};
    auto error = co_await over.connect(to);
    errors.push_back(error);
    error = co_await over.yield();
    errors.push_back(error);
    boost::asio::post(io, [&] { over.abort(); });
    error = co_await over.yield();
    errors.push_back(error);
  });
  CAF_REQUIRE_EQUAL(errors.size(), 3u);
  CAF_CHECK(!errors[0] && !errors[1]);
  CAF_CHECK(errors[2] == boost::asio::error::operation_aborted);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace connection_suite
