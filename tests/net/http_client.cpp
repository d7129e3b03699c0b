#define CAF_SUITE http_client

#include "xprober/net/http_client.hpp"

#include <atomic>
#include <csignal>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include "net/io_thread.hpp"
#include "net/test_certs.hpp"
#include "xprober/net/listener.hpp"
#include "xprober/net/tls.hpp"

#include "caf/test/unit_test.hpp"

namespace http_client_suite {

using namespace xprober;
using namespace xprober::net;
using namespace std::chrono_literals;

namespace {

/// What a server does with a request: sends an answer, and closes or not. Of the connection it is
/// told which request it is, from 1 on.
struct reaction {
  std::string send;
  bool close = false;
  bool for_ever = false; ///< sends the last 64 bytes of `send` again and again
};
using script = std::function<reaction(const std::string& request, int number)>;

std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct fixture {
  ~fixture() {
    io.on_thread([this] {
      port.reset();
      client.reset();
      resolver.stop();
    });
    io.stop();
  }

  host_port serve(script reacts, bool with_tls = false) {
    if (with_tls) {
      server_context = server_tls({.ca_file = {},
                                   .cert_file = certs.path("server.pem"),
                                   .key_file = certs.path("server.key")});
    }
    io.on_thread([this] { port.reset(); });
    port.emplace(io.context, "127.0.0.1:0",
                 [this, reacts](tcp::socket socket, std::shared_ptr<session_control> control) {
                   return session(std::move(socket), reacts, std::move(control));
                 });
    return {"127.0.0.1", port->local_endpoint().port()};
  }

  asio::awaitable<void> session(tcp::socket socket, script reacts,
                                std::shared_ptr<session_control> control) {
    ++connections;
    std::unique_ptr<stream> made = server_context ? tls_stream(std::move(socket), *server_context)
                                                  : plain_stream(std::move(socket));
    auto* raw = made.get();
    const auto attached =
        session_control::attach(control, {[raw] { raw->close(); }, [raw] { raw->close(); }});
    const auto failed = co_await raw->handshake_as_server(5s);
    std::string received;
    for (int number = 1; failed.empty();) {
      char buffer[4096];
      const auto got = co_await raw->read_some(asio::buffer(buffer), 20s);
      if (got.error) {
        co_return;
      }
      received.append(buffer, got.bytes);
      if (received.find("\r\n\r\n") == std::string::npos) {
        continue;
      }
      const auto next = reacts(received, number++);
      requests.push_back(std::exchange(received, {}));
      std::vector<asio::const_buffer> parts{asio::buffer(next.send)};
      auto sent = co_await raw->write(std::move(parts), 5s);
      const auto tail =
          next.send.substr(next.send.size() - std::min<std::size_t>(64, next.send.size()));
      while (next.for_ever && !sent.error) {
        parts.assign(1024, asio::buffer(tail));
        sent = co_await raw->write(std::move(parts), 5s);
      }
      if (next.close || sent.error) {
        co_return;
      }
    }
  }

  void connect(const host_port& server, std::shared_ptr<asio::ssl::context> tls = nullptr) {
    io.on_thread([&] {
      const bool secure = tls != nullptr;
      client.emplace(io.context, resolver, http_origin{server, secure}, std::move(tls));
    });
  }

  http_answer ask(http_request_parts parts = {}, milliseconds timeout = 10s) {
    const auto until = monotonic_clock::now() + timeout;
    auto answer =
        asio::co_spawn(io.context, client->request(std::move(parts), until), asio::use_future)
            .get();
    CAF_MESSAGE(answer.error);
    return answer;
  }

  test::test_certs certs;
  test::io_thread io;
  dns::resolver resolver{io.context.get_executor()};
  std::shared_ptr<asio::ssl::context> server_context;
  std::optional<listener> port;
  std::optional<http_client> client;
  std::atomic<int> connections{0};
  std::vector<std::string> requests; ///< read between requests
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(http_client_tests, fixture)

CAF_TEST(a request says who asks whom for what) {
  const auto server = serve([](auto&, int) { return reaction{ok("yes")}; });
  connect(server);
  http_request_parts parts;
  parts.method = "POST";
  parts.target = "/a?b=c";
  parts.headers = {{"X-A", "1"}};
  const std::string body = "hello";
  parts.body = body;
  const auto answer = ask(parts);
  CAF_CHECK(answer.ok());
  CAF_CHECK_EQUAL(answer.status, 200u);
  CAF_CHECK_EQUAL(answer.body, "yes");
  const auto request = requests.at(0);
  CAF_CHECK(request.starts_with("POST /a?b=c HTTP/1.1\r\nHost: " + to_string(server) +
                                "\r\nUser-Agent: xprober/"));
  CAF_CHECK(has(request, "\r\nX-A: 1\r\n") && has(request, "\r\nContent-Length: 5\r\n"));
  CAF_CHECK(!has(request, "Connection:"));
  parts = {};
  parts.method = "PUT";
  parts.close = true;
  ask(parts);
  CAF_CHECK(has(requests.at(1), "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
  ask();
  CAF_CHECK(!has(requests.at(2), "Content-Length"));
  CAF_CHECK_EQUAL(connections.load(), 2);
}

CAF_TEST(origins and targets of urls) {
  const auto url = [](std::string_view text) {
    std::string error;
    return *parse_url(text, error);
  };
  CAF_CHECK_EQUAL(origin_of(url("http://h:80/")).host_header(), "h");
  CAF_CHECK_EQUAL(origin_of(url("https://h/")).host_header(), "h");
  CAF_CHECK_EQUAL(origin_of(url("https://[::1]:80")).host_header(), "[::1]:80");
  CAF_CHECK_EQUAL(origin_of(url("https://[::1]")).host_header(), "[::1]");
  const auto local = origin_of(url("http://[fe80::1%25eth0]:9090/"));
  CAF_CHECK_EQUAL(local.server.host, "fe80::1%eth0");
  CAF_CHECK_EQUAL(local.host_header(), "[fe80::1]:9090");
  CAF_CHECK_EQUAL(target_of(url("http://h")), "/");
  CAF_CHECK_EQUAL(target_of(url("http://h?a=b#c")), "/?a=b");
  CAF_CHECK_EQUAL(target_of(url("http://h/a/?b")), "/a/?b");
}

CAF_TEST(a connection is kept and followed by another when it was closed) {
  connect(serve([](auto&, int number) { return reaction{ok("x"), number == 2}; }));
  for (int i = 0; i < 4; ++i) {
    CAF_CHECK(ask().ok());
    // The server's end has to arrive before the next request looks for it.
    if (i % 2 == 1) {
      CAF_CHECK(
          test::eventually([&] { return !io.on_thread([&] { return client->connected(); }); }));
    }
  }
  CAF_CHECK_EQUAL(connections.load(), 2);
}

CAF_TEST(a repeatable request is sent again when a kept connection ends under it) {
  // Takes a second request without an answer, as a server does whose patience ends just then.
  connect(
      serve([](auto&, int number) { return reaction{number == 1 ? ok("x") : "", number == 2}; }));
  http_request_parts parts;
  CAF_CHECK(ask(parts).ok());
  CAF_CHECK(ask(parts).fault == http_fault::lost);
  CAF_CHECK_EQUAL(connections.load(), 1);
  parts.repeatable = true;
  CAF_CHECK(ask(parts).ok());
  CAF_CHECK(ask(parts).ok());
  CAF_CHECK_EQUAL(connections.load(), 3);
  CAF_CHECK_EQUAL(requests.size(), 5u);
}

CAF_TEST(a server that never answers is asked once by a repeatable request) {
  connect(serve([](auto&, int) { return reaction{"", true}; }));
  http_request_parts parts;
  parts.repeatable = true;
  const auto answer = ask(parts);
  CAF_CHECK(answer.fault == http_fault::lost);
  CAF_CHECK_EQUAL(answer.error, "the server closed the connection");
  CAF_CHECK_EQUAL(connections.load(), 1);
}

CAF_TEST(redirects are not followed) {
  const auto server = serve([](auto&, int) {
    return reaction{"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"};
  });
  connect(server);
  const auto answer = ask();
  CAF_CHECK_EQUAL(answer.status, 302u);
  CAF_CHECK_EQUAL(answer.header("location"), "/b");
  CAF_CHECK_EQUAL(requests.size(), 1u);
}

CAF_TEST(the deadline is over everything) {
  const auto began = monotonic_clock::now();
  connect(serve([](auto&, int) { return reaction{}; }));
  auto answer = ask({}, 200ms);
  CAF_CHECK(answer.fault == http_fault::late);
  CAF_CHECK_EQUAL(answer.error, "no answer in time");
  http_request_parts parts;
  parts.limits.max_body = std::uint64_t{1} << 40;
  connect(serve(
      [](auto&, int) { return reaction{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n", false}; }));
  answer = ask({}, 200ms);
  CAF_CHECK(answer.fault == http_fault::late);
  CAF_CHECK(has(answer.error, "no answer in time, only a part"));
  // A server that takes nothing of a large body.
  const std::string large(64 << 20, 'x');
  parts.method = "POST";
  parts.body = large;
  tcp::acceptor silent{io.context, {asio::ip::make_address("127.0.0.1"), 0}};
  connect({"127.0.0.1", silent.local_endpoint().port()});
  answer = ask(parts, 300ms);
  CAF_CHECK(answer.fault == http_fault::late);
  CAF_CHECK(monotonic_clock::now() - began < 5s);
}

CAF_TEST(an answer without end is cut off by a limit or the deadline) {
  const auto head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string many(64, 'x');
  connect(serve([&](auto&, int) { return reaction{head + ("2;a=" + many), false, true}; }));
  auto answer = ask();
  CAF_CHECK(answer.fault == http_fault::overlong);
  CAF_CHECK_EQUAL(answer.status, 200u);
  connect(serve([&](auto&, int) { return reaction{head + ("0\r\nA: " + many), false, true}; }));
  CAF_CHECK(ask().fault == http_fault::overlong);
  connect(
      serve([&](auto&, int) { return reaction{"HTTP/1.1 200 OK\r\n\r\n" + many, false, true}; }));
  CAF_CHECK(ask().fault == http_fault::too_large);
  http_request_parts parts;
  parts.limits.max_body = std::uint64_t{1} << 40;
  answer = ask(parts, 200ms);
  CAF_CHECK(answer.fault == http_fault::late);
}

CAF_TEST(a refusal before the body was read is heard and no signal is raised) {
  struct restore {
    ~restore() { ::signal(SIGPIPE, before); }
    void (*before)(int) = ::signal(SIGPIPE, SIG_DFL);
  } const restored;
  connect(serve([](auto&, int) {
    return reaction{"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno", true};
  }));
  const std::string large(8 << 20, 'x');
  http_request_parts parts;
  parts.method = "POST";
  parts.body = large;
  const auto answer = ask(parts);
  // The kernel may have thrown the answer away with a reset.
  CAF_CHECK(answer.status == 413 || answer.fault == http_fault::lost);
}

CAF_TEST(tls is verified for the name that was asked for) {
  const auto server = serve([](auto&, int) { return reaction{ok("x")}; }, true);
  const auto trusting = [&](const char* authority) {
    return client_tls({.ca_file = certs.path(authority)});
  };
  connect(server, trusting("ca.pem"));
  CAF_CHECK(ask().ok());
  connect({"localhost", server.port}, trusting("ca.pem"));
  CAF_CHECK(ask().ok());
  connect(server, trusting("other-ca.pem"));
  const auto answer = ask();
  CAF_CHECK(answer.fault == http_fault::unreachable);
  CAF_CHECK(
      answer.error.starts_with("connect " + to_string(server) + ": certificate not accepted: "));
  connect(server, client_tls({.ca_file = {}, .insecure_skip_verify = true}));
  CAF_CHECK(ask().ok());
}

CAF_TEST(who cannot be reached is named) {
  const auto server = serve([](auto&, int) { return reaction{}; });
  io.on_thread([this] { port.reset(); });
  connect(server);
  const auto answer = ask();
  CAF_CHECK(answer.fault == http_fault::unreachable);
  CAF_CHECK_EQUAL(answer.error, "connect " + to_string(server) + ": Connection refused");
}

CAF_TEST(what would break a request is not sent) {
  connect(serve([](auto&, int) { return reaction{ok("x")}; }));
  http_request_parts parts;
  parts.headers = {{"X-A", "b\r\nX-Evil: 1"}};
  CAF_CHECK(ask(parts).fault == http_fault::unusable);
  CAF_CHECK(has(ask(parts).error, "X-A"));
  parts.headers = {{"X A", "b"}};
  CAF_CHECK(ask(parts).fault == http_fault::unusable);
  parts = {};
  for (const auto* target : {"", "x", "/a b", "/\r\n"}) {
    parts.target = target;
    CAF_CHECK(ask(parts).fault == http_fault::unusable);
  }
  CAF_CHECK_EQUAL(connections.load(), 0);
}

CAF_TEST(stopping ends what is under way) {
  connect(serve([this](auto&, int) {
    asio::post(io.context, [this] { client->stop(); });
    return reaction{};
  }));
  CAF_CHECK(ask().fault == http_fault::aborted);
  CAF_CHECK(ask().fault == http_fault::aborted);
  CAF_CHECK_EQUAL(connections.load(), 1);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace http_client_suite
