#define CAF_SUITE body_pump

#include "xprober/net/body_pump.hpp"

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <stdexcept>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/io_thread.hpp"
#include "net/raw_client.hpp"
#include "xprober/base/log.hpp"
#include "xprober/net/http_session.hpp"
#include "xprober/net/listener.hpp"
#include "xprober/net/router.hpp"

#include "caf/test/unit_test.hpp"

namespace body_pump_suite {

using namespace xprober;
using namespace xprober::net;
using namespace std::chrono_literals;
using test::raw_client;

namespace {

using piece = std::optional<std::string>;

/// Gives these pieces and then its end.
chunk_source source_of(const std::deque<std::string>& pieces) {
  const auto left = std::make_shared<std::deque<std::string>>(pieces);
  return [left]() -> asio::awaitable<piece> {
    if (left->empty()) {
      co_return std::nullopt;
    }
    auto next = std::move(left->front());
    left->pop_front();
    co_return piece{std::move(next)};
  };
}

http_response answer_with(chunk_source source) {
  auto answer = text_response(http::status::ok, "");
  answer.next_chunk = std::move(source);
  return answer;
}

struct fixture {
  fixture() {
    log::set_level(log::level::off);
    give("/count", [](fixture&) { return source_of({"one", "", "three"}); });
    give("/broken", [](fixture&) -> chunk_source {
      return [left = source_of({"begun"})]() -> asio::awaitable<piece> {
        auto next = co_await left();
        if (!next) {
          throw std::runtime_error("a broken source");
        }
        co_return next;
      };
    });
    give("/silent", [](fixture& self) -> chunk_source {
      return [held = self.hold()]() -> asio::awaitable<piece> {
        asio::steady_timer timer{co_await asio::this_coro::executor, 60s};
        co_await timer.async_wait(asio::use_awaitable);
        co_return piece{"late"};
      };
    });
    give("/endless", [](fixture& self) -> chunk_source {
      return [&self]() -> asio::awaitable<piece> {
        ++self.asked;
        co_return piece{std::string(64UL * 1024, 'x')};
      };
    });
  }

  ~fixture() {
    if (port) {
      io.on_thread([this] { port.reset(); });
    }
    io.stop();
  }

  template <class Make>
  void give(std::string_view path, Make make) {
    routes.get(
        path, [this, make](const http_request&, request_context) -> asio::awaitable<http_response> {
          co_return answer_with(make(*this));
        });
  }

  /// Something that the source of a body keeps.
  std::shared_ptr<int> hold() {
    auto fresh = std::make_shared<int>(1);
    held = fresh;
    begun = true;
    return fresh;
  }

  raw_client client(int receive_buffer = 0) {
    if (!port) {
      port.emplace(io.context, "127.0.0.1:0",
                   [this](tcp::socket socket, std::shared_ptr<session_control> control) {
                     return serve_http(
                         plain_stream(std::move(socket)),
                         [this](const http_request& request, request_context context) {
                           return routes.handle(request, std::move(context));
                         },
                         options, std::move(control));
                   });
    }
    return raw_client{port->local_endpoint(), receive_buffer};
  }

  std::size_t connections() {
    return io.on_thread([this] { return port->connections(); });
  }

  router routes;
  http_session_options options;
  std::atomic<int> asked{0};
  std::atomic<bool> begun{false};
  std::weak_ptr<int> held; ///< set before `begun`
  test::io_thread io;
  std::optional<listener> port;
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string read_chunked(raw_client& peer) {
  return peer.read_until([](const std::string& got) { return has(got, "0\r\n\r\n"); });
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(body_pump_tests, fixture)

CAF_TEST(pieces are chunks and the connection goes on) {
  auto peer = client();
  for (int i = 0; i < 2; ++i) {
    peer.send("GET /count HTTP/1.1\r\n\r\n");
    const auto got = read_chunked(peer);
    CAF_CHECK(has(got, "Transfer-Encoding: chunked\r\n"));
    CAF_CHECK(!has(got, "Content-Length"));
    CAF_CHECK(got.ends_with("\r\n\r\n3\r\none\r\n5\r\nthree\r\n0\r\n\r\n"));
  }
}

CAF_TEST(an old client gets the pieces alone and the end of the connection) {
  auto peer = client();
  peer.send("GET /count HTTP/1.0\r\n\r\n");
  const auto got = peer.read_to_end();
  CAF_CHECK(!has(got, "Transfer-Encoding"));
  CAF_CHECK(got.ends_with("\r\n\r\nonethree"));
  CAF_CHECK(peer.closed());
}

CAF_TEST(head asks for no piece) {
  auto peer = client();
  peer.send("HEAD /endless HTTP/1.1\r\n\r\nHEAD /endless HTTP/1.1\r\n\r\n");
  for (int i = 0; i < 2; ++i) {
    const auto got = peer.read_http(true);
    CAF_CHECK(got.starts_with("HTTP/1.1 200 OK\r\n"));
    CAF_CHECK(got.ends_with("\r\n\r\n"));
  }
  CAF_CHECK_EQUAL(asked.load(), 0);
}

CAF_TEST(a source that fails leaves the body without an end) {
  auto peer = client();
  peer.send("GET /broken HTTP/1.1\r\n\r\n");
  const auto got = peer.read_to_end();
  CAF_CHECK(has(got, "5\r\nbegun\r\n"));
  CAF_CHECK(!has(got, "0\r\n\r\n"));
  CAF_CHECK(peer.closed());
}

CAF_TEST(a peer that leaves is noticed while there is nothing to say) {
  {
    auto peer = client();
    peer.send("GET /silent HTTP/1.1\r\n\r\n");
    CAF_REQUIRE(test::eventually([&] { return begun.load(); }));
    CAF_CHECK(!held.expired());
  }
  CAF_CHECK(test::eventually([&] { return connections() == 0; }));
  // The question that went on is cancelled.
  CAF_CHECK(test::eventually([&] { return held.expired(); }));
}

CAF_TEST(a listener that stops waits for no source) {
  auto peer = client();
  peer.send("GET /silent HTTP/1.1\r\n\r\n");
  CAF_REQUIRE(test::eventually([&] { return begun.load(); }));
  std::promise<void> stopped;
  const auto begin = std::chrono::steady_clock::now();
  port->stop(20s, [&] { stopped.set_value(); });
  stopped.get_future().get();
  CAF_CHECK(std::chrono::steady_clock::now() - begin < 10s);
  peer.read_to_end();
  CAF_CHECK(peer.closed());
  CAF_CHECK(test::eventually([&] { return held.expired(); }));
}

CAF_TEST(a reader that takes nothing holds the source up and is given up) {
  options.write_timeout = 500ms;
  auto peer = client(16 * 1024);
  peer.send("GET /endless HTTP/1.1\r\n\r\n");
  CAF_CHECK(test::eventually([&] { return asked > 0; }));
  CAF_CHECK(test::eventually([&] { return connections() == 0; }));
  // What the kernel holds for the connection, and one piece.
  CAF_CHECK(asked < 500);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace body_pump_suite
