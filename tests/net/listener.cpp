#define CAF_SUITE listener

#include "xprober/net/listener.hpp"

#include <optional>

#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/resource.h>

#include "net/io_thread.hpp"
#include "net/raw_client.hpp"
#include "net/thrown.hpp"
#include "xprober/net/stream.hpp"
#include "xprober/net/tls.hpp"

#include "caf/test/unit_test.hpp"

namespace listener_suite {

using namespace xprober;
using namespace xprober::net;
using namespace std::chrono_literals;

namespace {

/// Says its peer's address, then waits until the peer or the listener ends the connection.
asio::awaitable<void> greet(tcp::socket socket, std::shared_ptr<session_control> control) {
  auto connection = plain_stream(std::move(socket));
  auto* raw = connection.get();
  const auto attached = session_control::attach(control, {{}, [raw] { raw->close(); }});
  const auto text = connection->peer() + "\n";
  std::vector<asio::const_buffer> parts{asio::buffer(text)};
  co_await connection->write(std::move(parts), 1s);
  char buffer[16];
  while (!(co_await connection->read_some(asio::buffer(buffer), 10s)).error) {
  }
}

struct fixture {
  ~fixture() { io.stop(); }
  test::io_thread io;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(listener_tests, fixture)

CAF_TEST(it_binds_loopback_all_interfaces_and_names) {
  listener v4{io.context, "127.0.0.1:0", greet};
  CAF_CHECK_NOT_EQUAL(v4.local_endpoint().port(), 0);
  test::raw_client peer{v4.local_endpoint()};
  CAF_CHECK_EQUAL(peer.read_bytes(10), "127.0.0.1:");

  listener all{io.context, ":0", greet};
  const tcp::endpoint loopback{asio::ip::address_v4::loopback(), all.local_endpoint().port()};
  test::raw_client mapped{loopback};
  // Shown as IPv4 although an IPv6 socket took it.
  CAF_CHECK_EQUAL(mapped.read_bytes(10), "127.0.0.1:");

  listener named{io.context, "localhost:0", greet};
  CAF_CHECK(named.local_endpoint().address().is_loopback());
}

CAF_TEST(bind_errors_name_the_key_the_address_and_a_remedy) {
  listener first{io.context, "127.0.0.1:0", greet};
  const auto taken = "127.0.0.1:" + std::to_string(first.local_endpoint().port());
  const auto in_use = test::thrown<setup_error>(
      [&] { listener second(io.context, taken, greet, {"rpc_listen_addr", 10}); });
  CAF_MESSAGE(in_use);
  CAF_CHECK(in_use.find("rpc_listen_addr: cannot listen on " + taken) == 0);
  CAF_CHECK(in_use.find("another program has this port") != std::string::npos);
  const auto foreign =
      test::thrown<setup_error>([&] { listener second(io.context, "192.0.2.1:0", greet); });
  CAF_CHECK(foreign.find("no interface of this machine") != std::string::npos);
  for (const auto* wrong : {"", "127.0.0.1", "127.0.0.1:99999", "nonsense", "[::1:80"}) {
    CAF_MESSAGE(wrong);
    CAF_CHECK(
        !test::thrown<setup_error>([&] { listener second(io.context, wrong, greet); }).empty());
  }
}

CAF_TEST(connections_above_the_limit_are_closed) {
  listener port{io.context, "127.0.0.1:0", greet, {"key", 2}};
  test::raw_client first{port.local_endpoint()};
  first.read_bytes(1);
  {
    test::raw_client second{port.local_endpoint()};
    second.read_bytes(1);
    test::raw_client third{port.local_endpoint()};
    CAF_CHECK_EQUAL(third.read_to_end(), "");
    CAF_CHECK(third.closed());
  }
  CAF_REQUIRE(
      test::eventually([&] { return io.on_thread([&] { return port.connections(); }) == 1; }));
  test::raw_client again{port.local_endpoint()};
  CAF_CHECK_EQUAL(again.read_bytes(4), "127.");
}

CAF_TEST(a_connection_that_waits_makes_room_for_a_new_one) {
  const auto counters = std::make_shared<port_counters>();
  const auto wait = [](tcp::socket socket, std::shared_ptr<session_control> control) {
    control->enter(session_stage::idle);
    return greet(std::move(socket), std::move(control));
  };
  listener port{io.context, "127.0.0.1:0", wait, {"key", 10, 2, counters}};
  test::raw_client first{port.local_endpoint()};
  first.read_bytes(1);
  test::raw_client second{port.local_endpoint()};
  second.read_bytes(1);
  test::raw_client third{port.local_endpoint()};
  CAF_CHECK_EQUAL(third.read_bytes(4), "127.");
  first.read_to_end();
  CAF_CHECK(first.closed());
  CAF_CHECK(
      test::eventually([&] { return io.on_thread([&] { return port.connections(); }) == 2; }));
  const auto now = io.on_thread([&] { return *counters; });
  CAF_CHECK_EQUAL(now.dropped_idle, 1u);
  CAF_CHECK_EQUAL(now.connections, 2u);
  CAF_CHECK_EQUAL(now.places, 10u);
}

CAF_TEST(stop_closes_sessions_after_the_grace) {
  listener port{io.context, "127.0.0.1:0", greet};
  test::raw_client peer{port.local_endpoint()};
  peer.read_bytes(1);
  std::promise<void> stopped;
  const auto begin = std::chrono::steady_clock::now();
  port.stop(200ms, [&] { stopped.set_value(); });
  stopped.get_future().get();
  const auto took = std::chrono::steady_clock::now() - begin;
  CAF_CHECK(took >= 190ms);
  CAF_CHECK(took < 3s);
  peer.read_to_end();
  CAF_CHECK(peer.closed());
  boost::system::error_code refused;
  asio::io_context context;
  tcp::socket late{context};
  late.connect(port.local_endpoint(), refused);
  CAF_CHECK(refused == asio::error::connection_refused);
}

CAF_TEST(running_out_of_descriptors_is_survived) {
  listener port{io.context, "127.0.0.1:0", greet};
  test::raw_client before{port.local_endpoint()};
  before.read_bytes(1);
  asio::io_context context;
  tcp::socket waiting{context};
  waiting.open(tcp::v4());
  rlimit old{};
  ::getrlimit(RLIMIT_NOFILE, &old);
  rlimit none = old;
  none.rlim_cur = 3;
  ::setrlimit(RLIMIT_NOFILE, &none);
  boost::system::error_code error;
  waiting.connect(port.local_endpoint(), error);
  std::this_thread::sleep_for(500ms); // accept fails meanwhile
  ::setrlimit(RLIMIT_NOFILE, &old);
  CAF_REQUIRE(!error);
  char first = 0;
  asio::read(waiting, asio::buffer(&first, 1), error);
  CAF_CHECK_EQUAL(first, '1');
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace listener_suite
