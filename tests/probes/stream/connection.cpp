#define CAF_SUITE connection

#include "xprober/probes/stream/connection.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

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
  reactor sockets{io};
  connection over{sockets};

  void run(std::function<task<void>()> body) {
    spawn(io.get_executor(), std::move(body), [](const std::exception_ptr&) {});
    sockets.end();
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

CAF_TEST(a peer that always has more to say leaves others their turn) {
  constexpr std::size_t sent = 200'000;
  script_server server{[](peer& client) { client.send(std::string(sent, 'x')); }};
  std::size_t in_a_row = 0;
  std::size_t most = 0;
  std::size_t all = 0;
  bool ended = false;
  const std::function<void()> other = [&] {
    in_a_row = 0;
    if (!ended) {
      boost::asio::post(io, other);
    }
  };
  run([&]() -> task<void> {
    const endpoint to{boost::asio::ip::address_v4::loopback(), server.port()};
    auto error = co_await over.connect(to);
    other();
    while (!error) {
      std::array<char, 100> bytes;
      const auto got = co_await over.read(bytes);
      error = got.error;
      all += got.bytes;
      most = std::max(most, ++in_a_row);
    }
    ended = true;
    over.abort();
    CAF_CHECK(error == boost::asio::error::eof);
  });
  CAF_CHECK_EQUAL(all, sent);
  CAF_CHECK(most <= 17); // 16 and the one that begins
}

CAF_TEST(what stands behind urgent data is read) {
  std::atomic<bool> sent{false};
  script_server server{[&](peer& client) {
    client.send("before");
    ::send(client.fd(), "!", 1, MSG_OOB);
    client.send("behind");
    sent = true;
    client.wait_closed();
  }};
  boost::asio::steady_timer too_late{io, std::chrono::seconds{10}};
  too_late.async_wait([this](const error_code&) { over.abort(); });
  std::string all;
  run([&]() -> task<void> {
    const endpoint to{boost::asio::ip::address_v4::loopback(), server.port()};
    auto error = co_await over.connect(to);
    while (!sent && !error) {
      error = co_await over.yield();
    }
    while (!error && all.size() < 12) {
      std::array<char, 100> bytes;
      const auto got = co_await over.read(bytes);
      error = got.error;
      all.append(bytes.data(), got.bytes);
    }
    too_late.cancel();
    over.abort();
  });
  CAF_CHECK_EQUAL(all, "beforebehind");
}

CAF_TEST(who waits for the end of a peer has it closed) {
  script_server server{[](peer& client) { client.send("all"); }};
  std::size_t read = 0;
  error_code after;
  run([&]() -> task<void> {
    const endpoint to{boost::asio::ip::address_v4::loopback(), server.port()};
    const auto error = co_await over.connect(to);
    CAF_CHECK(!error);
    std::array<char, 100> bytes;
    auto got = co_await over.read(bytes);
    read = got.bytes;
    co_await over.await_close();
    CAF_CHECK(!over.closed_by_peer()); // not any more
    got = co_await over.read(bytes);
    after = got.error;
  });
  CAF_CHECK_EQUAL(read, 3u);
  CAF_CHECK(after == boost::asio::error::operation_aborted);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace connection_suite
