#define CAF_SUITE http_session

#include "xprober/net/http_session.hpp"

#include <optional>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/io_thread.hpp"
#include "net/raw_client.hpp"
#include "xprober/net/listener.hpp"
#include "xprober/net/router.hpp"

#include "caf/test/unit_test.hpp"

namespace http_session_suite {

using namespace xprober;
using namespace xprober::net;
using namespace std::chrono_literals;
using test::raw_client;

namespace {

struct fixture {
  fixture() {
    options.max_header = 2048;
    options.max_body = 1000;
    options.header_timeout = 300ms;
    options.body_window = 300ms;
    options.idle_timeout = 2000ms;
    routes.get("/hello",
               [](const http_request&, request_context context) -> asio::awaitable<http_response> {
                 co_return text_response(http::status::ok,
                                         "hello " + context.query.get_or("name", "you"));
               });
    routes.post("/echo",
                [](const http_request& request, request_context) -> asio::awaitable<http_response> {
                  co_return text_response(http::status::ok, request.body());
                });
    routes.get("/big", [](const http_request&, request_context) -> asio::awaitable<http_response> {
      co_return text_response(http::status::ok, std::string(3'000'000, 'x'));
    });
    routes.get("/same", [](const http_request&, request_context) -> asio::awaitable<http_response> {
      co_return text_response(http::status::not_modified, "");
    });
    routes.get("/throws",
               [](const http_request&, request_context) -> asio::awaitable<http_response> {
                 throw std::runtime_error("broken handler");
                 co_return text_response(http::status::ok, "");
               });
    routes.get("/slow",
               [this](const http_request&, request_context) -> asio::awaitable<http_response> {
                 begun.set_value();
                 asio::steady_timer timer{co_await asio::this_coro::executor, 300ms};
                 co_await timer.async_wait(asio::use_awaitable);
                 co_return text_response(http::status::ok, "slow");
               });
  }

  ~fixture() {
    if (port) {
      io.on_thread([this] { port.reset(); });
    }
    io.stop();
  }

  raw_client client() {
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
    return raw_client{port->local_endpoint()};
  }

  router routes;
  std::promise<void> begun; ///< once /slow is being answered
  http_session_options options;
  test::io_thread io;
  std::optional<listener> port;
};

bool begins(const std::string& text, std::string_view with) { return text.rfind(with, 0) == 0; }
bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(http_session_tests, fixture)

CAF_TEST(one_connection_serves_many_requests) {
  auto peer = client();
  for (int i = 0; i < 3; ++i) {
    CAF_REQUIRE(peer.send("GET /hello?name=a%20b HTTP/1.1\r\nHost: x\r\n\r\n"));
    const auto answer = peer.read_http();
    CAF_CHECK(begins(answer, "HTTP/1.1 200 OK\r\n"));
    CAF_CHECK(has(answer, "\r\n\r\nhello a b"));
  }
}

CAF_TEST(pipelined_requests_are_answered_in_order) {
  auto peer = client();
  peer.send("GET /hello?name=1 HTTP/1.1\r\n\r\nGET /hello?name=2 HTTP/1.1\r\n\r\n");
  CAF_CHECK(has(peer.read_http(), "hello 1"));
  CAF_CHECK(has(peer.read_http(), "hello 2"));
}

CAF_TEST(bodies_arrive_whole_however_they_are_cut) {
  auto peer = client();
  const std::string request = "POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde";
  for (char c : request) {
    peer.send(std::string(1, c));
  }
  CAF_CHECK(has(peer.read_http(), "\r\n\r\nabcde"));
  peer.send(
      "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  CAF_CHECK(has(peer.read_http(), "\r\n\r\nabcde"));
}

CAF_TEST(head_has_the_length_and_no_body) {
  auto peer = client();
  peer.send("HEAD /hello HTTP/1.1\r\n\r\n");
  const auto answer = peer.read_http(true);
  CAF_CHECK(has(answer, "Content-Length: 9\r\n"));
  CAF_CHECK(answer.ends_with("\r\n\r\n"));
  peer.send("GET /hello HTTP/1.1\r\n\r\n");
  CAF_CHECK(begins(peer.read_http(), "HTTP/1.1 200"));
}

CAF_TEST(http_1_0_and_connection_close_end_the_connection) {
  auto old = client();
  old.send("GET /hello HTTP/1.0\r\n\r\n");
  CAF_CHECK(has(old.read_to_end(), "hello you"));
  CAF_CHECK(old.closed());
  auto last = client();
  last.send("GET /hello HTTP/1.1\r\nConnection: close\r\n\r\n");
  CAF_CHECK(has(last.read_to_end(), "Connection: close\r\n"));
  CAF_CHECK(last.closed());
}

CAF_TEST(large_answers_arrive_whole) {
  auto peer = client();
  peer.send("GET /big HTTP/1.1\r\n\r\n");
  CAF_CHECK(peer.read_http().size() > 3'000'000);
}

CAF_TEST(what_has_not_changed_has_no_length) {
  auto peer = client();
  peer.send("GET /same HTTP/1.1\r\n\r\nGET /hello HTTP/1.1\r\n\r\n");
  const auto answer = peer.read_http(true);
  CAF_CHECK(begins(answer, "HTTP/1.1 304 "));
  CAF_CHECK(!has(answer, "Content-Length"));
  CAF_CHECK(has(peer.read_http(), "\r\n\r\nhello you"));
}

CAF_TEST(limits_are_answered_and_end_the_connection) {
  auto long_header = client();
  long_header.send("GET /hello HTTP/1.1\r\nX: " + std::string(5000, 'x') + "\r\n\r\n");
  CAF_CHECK(begins(long_header.read_to_end(), "HTTP/1.1 431 "));
  auto long_body = client();
  long_body.send("POST /echo HTTP/1.1\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'));
  const auto answer = long_body.read_to_end();
  CAF_CHECK(begins(answer, "HTTP/1.1 413 "));
  CAF_CHECK(has(answer, "above 1000 bytes"));
  auto chunked = client();
  chunked.send("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
               std::string(1001, 'x') + "\r\n0\r\n\r\n");
  CAF_CHECK(begins(chunked.read_to_end(), "HTTP/1.1 413 "));
}

CAF_TEST(what_stands_around_a_body_is_limited) {
  const std::string begin = "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string part : {"2;a=", "0\r\nA: "}) {
    auto peer = client();
    peer.send(begin + part + std::string(5000, 'x'));
    const auto answer = peer.read_to_end();
    CAF_CHECK(begins(answer, "HTTP/1.1 431 "));
    CAF_CHECK(has(answer, "around the request's body is above 2048 bytes"));
    CAF_CHECK(peer.closed());
  }
}

CAF_TEST(a_head_is_judged_before_its_body) {
  options.judge = [](const http_request& head, const request_context&) {
    return head.target() == "/hello"
               ? std::nullopt
               : std::optional{error_response(http::status::forbidden, "not that")};
  };
  auto peer = client();
  peer.send("POST /echo HTTP/1.1\r\nContent-Length: 900\r\nExpect: 100-continue\r\n\r\n");
  const auto refused = peer.read_to_end();
  CAF_CHECK(begins(refused, "HTTP/1.1 403 "));
  CAF_CHECK(peer.closed());
  // Without a body the connection goes on.
  auto other = client();
  other.send("GET /big HTTP/1.1\r\n\r\nGET /hello HTTP/1.1\r\n\r\n");
  CAF_CHECK(begins(other.read_http(), "HTTP/1.1 403 "));
  CAF_CHECK(begins(other.read_http(), "HTTP/1.1 200 "));
}

CAF_TEST(what_has_no_room_is_told_to_come_again) {
  options.max_body = 100'000;
  options.body_window = 5s;
  options.account = {std::make_shared<byte_budget>(byte_limits{60'000, 60'000}),
                     std::make_shared<port_counters>()};
  const auto refused = [&] {
    return io.on_thread([&] { return options.account.counters->refused_messages; });
  };
  auto holder = client();
  const std::string length = "POST /echo HTTP/1.1\r\nContent-Length: 50000\r\n\r\n";
  holder.send(length + std::string(45'000, 'x'));
  CAF_REQUIRE(test::eventually(
      [&] { return io.on_thread([&] { return options.account.budget->held() >= 45'000; }); }));
  // By what its head says, or once it is too much.
  const auto chunks = "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nc350\r\n" +
                      std::string(50'000, 'x');
  std::uint64_t times = 0;
  for (const auto& request : {length, chunks}) {
    auto peer = client();
    peer.send(request);
    const auto busy = peer.read_to_end();
    CAF_CHECK(begins(busy, "HTTP/1.1 503 "));
    CAF_CHECK(has(busy, "Retry-After: 2\r\n"));
    ++times;
    CAF_CHECK_EQUAL(refused(), times);
  }
  holder.send(std::string(5'000, 'x'));
  CAF_CHECK(begins(holder.read_http(), "HTTP/1.1 200 "));
  CAF_CHECK(test::eventually(
      [&] { return io.on_thread([&] { return options.account.budget->held() == 0; }); }));
}

CAF_TEST(every_answer_tells_browsers_what_not_to_do_with_it) {
  for (const std::string path : {"/hello", "/nothing", "/throws"}) {
    auto peer = client();
    peer.send("GET " + path + " HTTP/1.1\r\n\r\n");
    const auto answer = peer.read_http();
    CAF_CHECK(
        has(answer, "\r\nContent-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"));
    CAF_CHECK(has(answer, "\r\nX-Frame-Options: DENY\r\n"));
    CAF_CHECK(has(answer, "\r\nCache-Control: no-store\r\n"));
    CAF_CHECK(has(answer, "\r\nX-Content-Type-Options: nosniff\r\n"));
  }
}

CAF_TEST(what_is_no_http_is_answered_with_400) {
  auto peer = client();
  peer.send("hello there\r\n\r\n");
  const auto answer = peer.read_to_end();
  CAF_CHECK(begins(answer, "HTTP/1.1 400 "));
  CAF_CHECK(has(answer, "{\"error\": "));
  CAF_CHECK(peer.closed());
}

CAF_TEST(clients_of_other_protocols_are_told_at_once) {
  options.header_timeout = 20s;
  options.elsewhere = "it is spoken elsewhere";
  options.log = std::make_shared<peer_log>("http");
  auto rpc = client();
  rpc.send(std::string_view{"\x94\x00\x07", 3});
  const auto answer = rpc.read_to_end();
  CAF_CHECK(begins(answer, "HTTP/1.1 400 "));
  CAF_CHECK(has(answer, "the client speaks MessagePack-RPC, and this port plain HTTP: it is spoken "
                        "elsewhere"));
  auto tls = client();
  tls.send(std::string_view{"\x16\x03\x01", 3});
  CAF_CHECK(has(tls.read_to_end(), "the client speaks TLS, and this port plain HTTP\""));
}

CAF_TEST(a_slow_header_is_cut_off) {
  auto peer = client();
  const auto begin = std::chrono::steady_clock::now();
  peer.send("GET /hello HT");
  std::this_thread::sleep_for(200ms);
  peer.send("TP/1.1\r\nX: y"); // a further piece gives no further time
  CAF_CHECK_EQUAL(peer.read_to_end(), "");
  CAF_CHECK(peer.closed());
  CAF_CHECK(std::chrono::steady_clock::now() - begin < 1500ms);
}

CAF_TEST(a_slow_body_is_cut_off) {
  auto peer = client();
  peer.send("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc");
  CAF_CHECK_EQUAL(peer.read_to_end(), "");
  CAF_CHECK(peer.closed());
}

CAF_TEST(an_idle_connection_is_closed_without_a_word) {
  options.idle_timeout = 100ms;
  auto peer = client();
  CAF_CHECK_EQUAL(peer.read_to_end(), "");
  CAF_CHECK(peer.closed());
}

CAF_TEST(a_body_may_come_later_than_its_header) {
  auto peer = client();
  peer.send("POST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\n");
  std::this_thread::sleep_for(100ms);
  peer.send("abc");
  CAF_CHECK(has(peer.read_http(), "\r\n\r\nabc"));
}

CAF_TEST(expect_100_continue_is_answered_before_the_body) {
  auto peer = client();
  peer.send("POST /echo HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  CAF_CHECK_EQUAL(peer.read_bytes(25), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.send("abc");
  CAF_CHECK(has(peer.read_http(), "\r\n\r\nabc"));
}

CAF_TEST(an_exception_becomes_a_500) {
  auto peer = client();
  peer.send("GET /throws HTTP/1.1\r\n\r\n");
  const auto answer = peer.read_http();
  CAF_CHECK(begins(answer, "HTTP/1.1 500 "));
  CAF_CHECK(has(answer, "broken handler"));
  peer.send("GET /hello HTTP/1.1\r\n\r\n");
  CAF_CHECK(begins(peer.read_http(), "HTTP/1.1 200"));
}

CAF_TEST(stopping_finishes_what_is_under_way) {
  auto idle = client();
  idle.send("GET /hello HTTP/1.1\r\n\r\n");
  idle.read_http();
  auto busy = client();
  busy.send("GET /slow HTTP/1.1\r\n\r\n");
  CAF_REQUIRE(
      test::eventually([&] { return io.on_thread([&] { return port->connections(); }) == 2; }));
  begun.get_future().wait();
  std::promise<void> stopped;
  const auto begin = std::chrono::steady_clock::now();
  port->stop(5s, [&] { stopped.set_value(); });
  const auto answer = busy.read_to_end();
  CAF_CHECK(has(answer, "\r\n\r\nslow"));
  CAF_CHECK(has(answer, "Connection: close"));
  CAF_CHECK_EQUAL(idle.read_to_end(), "");
  stopped.get_future().get();
  CAF_CHECK(std::chrono::steady_clock::now() - begin < 4s);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace http_session_suite
