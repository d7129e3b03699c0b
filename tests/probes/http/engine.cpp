#define CAF_SUITE engine

#include "xprober/probes/http/engine.hpp"

#include <semaphore>
#include <stdexcept>
#include <vector>

#include <sys/resource.h>

#include "probes/http/probe_fixture.hpp"

#include "caf/test/unit_test.hpp"

namespace engine_suite {

using namespace xprober;
using namespace xprober::http::test;
using namespace std::chrono_literals;

namespace {

struct fixture : probe_fixture {
  void check(const probe_outcome& outcome, probe_error error, const std::string& done) {
    CAF_MESSAGE(outcome.detail);
    CAF_CHECK_EQUAL(outcome.error, error);
    CAF_CHECK_EQUAL(outcome.success, error == probe_error::none);
    CAF_CHECK_EQUAL(outcome.detail.empty(), outcome.success);
    CAF_CHECK_EQUAL(phases(outcome), done);
  }

  bool refuses(const http_config& changed) { return !reconfigure(changed).empty(); }
};

// Sends one text to every client and reads until it closes.
script_server::script says(std::string text) {
  return [text = std::move(text)](peer& client) {
    client.read_request();
    client.send(text);
  };
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(engine_tests, fixture)

CAF_TEST(a page that is there) {
  script_server server{says(response("200 OK", "hello"))};
  auto outcome = probe(server.authority());
  check(outcome, probe_error::none, all_phases);
  CAF_CHECK_EQUAL(outcome.address, "127.0.0.1");
  CAF_CHECK_EQUAL(summary(outcome).status, 200);
  CAF_CHECK_EQUAL(summary(outcome).body_bytes, 5u);
  CAF_CHECK(summary(outcome).phase(http_phase::tls) == 0.f);
  CAF_CHECK(outcome.duration > 0ns);
  CAF_CHECK(outcome.started.time_since_epoch() > 0ns);
}

CAF_TEST(phases are where the time goes) {
  script_server server{[](peer& client) {
    client.read_request();
    std::this_thread::sleep_for(100ms);
    client.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na");
    std::this_thread::sleep_for(200ms);
    client.send("b");
  }};
  auto outcome = probe(server.authority("named.test"));
  check(outcome, probe_error::none, all_phases);
  const auto& got = summary(outcome);
  CAF_CHECK(*got.phase(http_phase::resolve) > 0.f);
  CAF_CHECK(*got.phase(http_phase::processing) >= 95.f);
  CAF_CHECK(*got.phase(http_phase::processing) < 190.f);
  CAF_CHECK(*got.phase(http_phase::transfer) >= 195.f);
  CAF_CHECK(to_ms(outcome.duration) >= 295.);
}

CAF_TEST(the request says who asks) {
  std::promise<std::string> asked;
  script_server server{[&](peer& client) {
    asked.set_value(client.read_request());
    client.send(response("200 OK"));
  }};
  config.headers = {{"X-Probe", "yes"}};
  probe("http://me:word@named.test:" + std::to_string(server.port()) + "/a/b?c");
  CAF_CHECK_EQUAL(asked.get_future().get(),
                  "GET /a/b?c HTTP/1.1\r\nHost: " + server.authority("named.test") +
                      "\r\nUser-Agent: xprober/" XPROBER_VERSION
                      "\r\nAccept: */*\r\nAuthorization: Basic bWU6d29yZA==\r\nX-Probe: yes\r\n"
                      "Connection: close\r\n\r\n");
}

CAF_TEST(a failing page has all its phases) {
  script_server server{says(response("500 Oops", "sorry"))};
  auto outcome = probe(server.authority());
  check(outcome, probe_error::bad_status, all_phases);
  CAF_CHECK_EQUAL(outcome.detail, "HTTP status 500");
  CAF_CHECK_EQUAL(summary(outcome).status, 500);
}

CAF_TEST(statuses can be named) {
  config.valid_status_codes = {401};
  script_server server{says(response("401 Who"))};
  check(probe(server.authority()), probe_error::none, all_phases);
}

CAF_TEST(bodies of all framings) {
  script_server chunked{says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "3\r\nabc\r\n0\r\n\r\n")};
  script_server until_close{says("HTTP/1.0 200 OK\r\n\r\nabcd")};
  script_server interim{says("HTTP/1.1 100 Continue\r\n\r\n" + response("200 OK", "abcde"))};
  CAF_CHECK_EQUAL(summary(probe(chunked.authority())).body_bytes, 3u);
  CAF_CHECK_EQUAL(summary(probe(until_close.authority())).body_bytes, 4u);
  auto outcome = probe(interim.authority());
  check(outcome, probe_error::none, all_phases);
  CAF_CHECK_EQUAL(summary(outcome).body_bytes, 5u);
  prober().stop();
  CAF_CHECK_EQUAL(counters.body_bytes, 12u);
}

CAF_TEST(head has no body) {
  config.method = "HEAD";
  std::atomic<bool> asked{false};
  script_server server{[&](peer& client) {
    asked = client.read_request().starts_with("HEAD / ");
    client.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
    client.wait_closed();
  }};
  check(probe(server.authority()), probe_error::none, all_phases);
  CAF_CHECK(asked);
}

CAF_TEST(a large body is dropped while it is read) {
  const std::string part(64 * 1024, 'x');
  script_server server{[&](peer& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\nContent-Length: 6553600\r\n\r\n");
    for (int i = 0; i < 100; ++i) {
      client.send(part);
    }
  }};
  auto outcome = probe(server.authority());
  check(outcome, probe_error::none, all_phases);
  CAF_CHECK_EQUAL(summary(outcome).body_bytes, 6553600u);
}

CAF_TEST(a refused port has the resolve phase alone) {
  std::string authority;
  {
    script_server gone{says("")};
    authority = gone.authority();
  }
  auto outcome = probe(authority);
  check(outcome, probe_error::refused, "resolve");
  CAF_CHECK(outcome.detail.find(authority) != std::string::npos);
  CAF_CHECK_EQUAL(outcome.address, "127.0.0.1");
}

CAF_TEST(a name that does not exist has no phase) {
  auto outcome = probe("http://missing.test/");
  check(outcome, probe_error::resolve_not_found, "");
  CAF_CHECK_EQUAL(outcome.address, "");
}

CAF_TEST(the next address is tried) {
  script_server server{says(response("200 OK"))};
  auto outcome = probe(server.authority("fallback.test"));
  check(outcome, probe_error::none, all_phases);
  CAF_CHECK_EQUAL(outcome.address, "127.0.0.1");
}

CAF_TEST(all addresses that failed are named) {
  std::string port;
  {
    script_server gone{says("")};
    port = std::to_string(gone.port());
  }
  auto outcome = probe("fallback.test:" + port);
  check(outcome, probe_error::refused, "resolve");
  CAF_CHECK_EQUAL(outcome.address, "127.0.0.9");
  CAF_CHECK(outcome.detail.find("127.0.0.9:" + port) != std::string::npos);
  CAF_CHECK(outcome.detail.find("127.0.0.1:" + port) != std::string::npos);
}

CAF_TEST(what is no url) {
  check(probe("ftp://named.test/"), probe_error::bad_target, "");
  check(probe(""), probe_error::bad_target, "");
}

CAF_TEST(what the engine itself held up blames nobody) {
  stall_tolerance = stream::stall_watch::usual_tolerance;
  config.timeout = 400ms;
  script_server quick{says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")};
  std::promise<void> asked;
  std::promise<void> standing;
  script_server moved{[&](peer& client) {
    client.read_request();
    asked.set_value();
    standing.get_future().wait();
    client.send("HTTP/1.1 302 Found\r\nLocation: http://" + quick.authority() + "/\r\n\r\n");
  }};
  auto held_up = begin(moved.authority());
  asked.get_future().wait();
  // A completion keeps the engine's thread for longer than the other probe may take in all.
  prober().start({make_target(quick.authority()), monotonic_clock::now()}, [&](probe_outcome&&) {
    const auto until = monotonic_clock::now() + 600ms;
    standing.set_value();
    while (monotonic_clock::now() < until) {
    }
  });
  const auto outcome = await(held_up);
  CAF_MESSAGE(outcome.detail);
  CAF_CHECK_EQUAL(outcome.error, probe_error::local_overload);
  CAF_CHECK(outcome.detail.find("stood still") != std::string::npos);
  // What had its time afterwards is measured.
  CAF_CHECK(probe(quick.authority()).success);
}

CAF_TEST(a long body with many expressions is judged on another thread and alike) {
  config.fail_if_body_not_matches_regexp.assign(40, "(x+x+)+y$");
  const std::string body(1 << 20, 'x');
  script_server large{says("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                           "\r\n\r\n" + body)};
  const auto outcome = probe(large.authority());
  CAF_MESSAGE(outcome.detail);
  CAF_CHECK_EQUAL(outcome.error, probe_error::bad_body);
}

CAF_TEST(a deadline names its phase) {
  config.timeout = 300ms;
  const auto begin_time = monotonic_clock::now();
  CAF_MESSAGE("resolve");
  check(probe("silent.test"), probe_error::resolve_timeout, "");
  CAF_MESSAGE("processing");
  script_server stalled{[](peer& client) { client.wait_closed(); }};
  auto outcome = probe(stalled.authority());
  check(outcome, probe_error::deadline, "resolve connect tls");
  CAF_CHECK(outcome.detail.find("processing") != std::string::npos);
  CAF_MESSAGE("transfer");
  script_server drip{[](peer& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    while (client.send("x")) {
      std::this_thread::sleep_for(10ms);
    }
  }};
  outcome = probe(drip.authority());
  check(outcome, probe_error::deadline, "resolve connect tls processing");
  CAF_CHECK(outcome.detail.find("transfer") != std::string::npos);
  CAF_CHECK_EQUAL(summary(outcome).status, 200);
  CAF_CHECK(summary(outcome).body_bytes > 0);
  CAF_CHECK(monotonic_clock::now() - begin_time < 3s);
}

CAF_TEST(a connection that is not answered times out) {
  config.timeout = 300ms;
  // A listener that accepts nothing: past its backlog the kernel drops what comes.
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  CAF_REQUIRE_EQUAL(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  CAF_REQUIRE_EQUAL(::listen(listener, 0), 0);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::vector<int> fillers;
  for (int i = 0; i < 4; ++i) {
    fillers.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    std::ignore = ::connect(fillers.back(), reinterpret_cast<sockaddr*>(&address), size);
  }
  auto outcome = probe("127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
  check(outcome, probe_error::connect_timeout, "resolve");
  for (int fd : fillers) {
    ::close(fd);
  }
  ::close(listener);
}

CAF_TEST(garbage and answers that are cut short) {
  script_server garbage{says("220 mail.test ESMTP\r\n")};
  check(probe(garbage.authority()), probe_error::http_malformed, "resolve connect tls processing");
  script_server nothing{says("")};
  check(probe(nothing.authority()), probe_error::http_early_close, "resolve connect tls");
  script_server half{says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")};
  check(probe(half.authority()), probe_error::http_early_close, "resolve connect tls processing");
  script_server cut{[](peer& client) {
    client.read_request();
    client.reset();
  }};
  check(probe(cut.authority()), probe_error::http_early_close, "resolve connect tls");
}

CAF_TEST(headers and bodies without end are cut off) {
  config.max_body = 100'000;
  const std::string line = "X-Line: " + std::string(1000, 'x') + "\r\n";
  script_server header{[&](peer& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\n");
    while (client.send(line)) {
    }
  }};
  check(probe(header.authority()), probe_error::http_header_too_large,
        "resolve connect tls processing");
  script_server body{[&](peer& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\n\r\n");
    while (client.send(line)) {
    }
  }};
  check(probe(body.authority()), probe_error::http_body_too_large,
        "resolve connect tls processing");
}

CAF_TEST(an IPv6 target) {
  script_server server{says(response("200 OK")), true};
  if (server.port() == 0) {
    CAF_MESSAGE("no ::1 on this machine");
    return;
  }
  auto outcome = probe(server.authority("[::1]"));
  check(outcome, probe_error::none, all_phases);
  CAF_CHECK_EQUAL(outcome.address, "::1");
}

CAF_TEST(places are bounded and the wait for one is lag) {
  config.max_in_flight = 3;
  config.timeout = 1s;
  script_server server{[](peer& client) {
    client.read_request();
    std::this_thread::sleep_for(100ms);
    client.send(response("200 OK"));
  }};
  std::vector<std::future<probe_outcome>> all;
  for (int i = 0; i < 45; ++i) { // 1.5 s of work for a timeout of 1 s
    all.push_back(begin(server.authority()));
  }
  nanoseconds most{0};
  for (auto& future : all) {
    const auto outcome = await(future);
    CAF_CHECK(outcome.success);
    CAF_CHECK(outcome.duration < 1s);
    most = std::max(most, outcome.start_lag);
  }
  CAF_CHECK(most >= 1300ms);
  CAF_CHECK(server.most_at_once() <= 3 + 1); // the server closes a moment after the client
  prober().stop();
  CAF_CHECK_EQUAL(counters.probes.started, 45u);
  CAF_CHECK_EQUAL(counters.probes.succeeded, 45u);
  CAF_CHECK_EQUAL(counters.probes.in_flight, 0u);
  CAF_CHECK_EQUAL(counters.connections, 45u);
}

CAF_TEST(more than the engine holds is refused) {
  http::engine_options options;
  options.max_queued = 2;
  http::engine small{whole(config), options};
  script_server stalled{[](peer& client) { client.wait_closed(); }};
  std::vector<probe_error> got(3, probe_error::none);
  for (auto& slot : got) {
    small.start({make_target(stalled.authority()), {}},
                [&slot](probe_outcome&& outcome) { slot = outcome.error; });
  }
  small.stop();
  CAF_CHECK_EQUAL(got[2], probe_error::local_overload);
  CAF_CHECK_EQUAL(got[0], probe_error::shutdown);
  CAF_CHECK_EQUAL(got[1], probe_error::shutdown);
}

CAF_TEST(stop answers every probe) {
  config.max_in_flight = 2;
  script_server stalled{[](peer& client) { client.wait_closed(); }};
  std::vector<std::future<probe_outcome>> all;
  all.push_back(begin("silent.test"));
  for (int i = 0; i < 5; ++i) {
    all.push_back(begin(stalled.authority()));
  }
  std::this_thread::sleep_for(50ms);
  const auto begin_time = monotonic_clock::now();
  prober().stop();
  prober().stop();
  CAF_CHECK(monotonic_clock::now() - begin_time < 1s);
  all.push_back(begin(stalled.authority()));
  for (auto& future : all) {
    CAF_CHECK_EQUAL(await(future).error, probe_error::shutdown);
  }
  CAF_CHECK_EQUAL(counters.probes.failed, 0u);
}

CAF_TEST(another configuration is for the next probes) {
  script_server server{says(response("404 No"))};
  CAF_CHECK_EQUAL(probe(server.authority()).error, probe_error::bad_status);
  auto next = config;
  next.valid_status_codes = {404};
  CAF_CHECK_EQUAL(prober().prepare(whole(next)), "");
  CAF_CHECK_EQUAL(probe(server.authority()).error, probe_error::bad_status);
  prober().commit();
  CAF_CHECK(probe(server.authority()).success);
  CAF_MESSAGE("a wrong one changes nothing");
  next.valid_status_codes = {};
  next.method = "GET\r\n";
  CAF_CHECK(refuses(next));
  next.method = "GET";
  next.ca_file = "missing.pem";
  CAF_CHECK(refuses(next));
  CAF_CHECK(probe(server.authority()).success);
}

CAF_TEST(descriptors used up are a fault of this process) {
  script_server server{says(response("200 OK"))};
  CAF_CHECK(probe(server.authority()).success); // all is set up
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  auto none = before;
  none.rlim_cur = 3;
  ::setrlimit(RLIMIT_NOFILE, &none);
  auto outcome = probe(server.authority());
  ::setrlimit(RLIMIT_NOFILE, &before);
  check(outcome, probe_error::local_no_socket, "resolve");
  prober().stop();
  CAF_CHECK_EQUAL(counters.local_errors, 1u);
  CAF_CHECK_EQUAL(counters.probes.failed, 0u);
}

CAF_TEST(the server closes first) {
  std::atomic<int> resets{0};
  std::counting_semaphore<8> ended{0};
  script_server server{[&](peer& client) {
    client.read_request();
    client.send(response("200 OK", "x"));
    ::shutdown(client.fd(), SHUT_WR);
    char byte = 0;
    resets += ::recv(client.fd(), &byte, 1, 0) < 0;
    ended.release();
  }};
  for (int i = 0; i < 5; ++i) {
    CAF_CHECK(probe(server.authority()).success);
    CAF_CHECK(ended.try_acquire_for(5s));
  }
  CAF_CHECK_EQUAL(resets.load(), 0);
}

CAF_TEST(a module decides how a target is probed) {
  script_server server{[](peer& client) {
    const auto request = client.read_request();
    client.send(response(request.starts_with("PUT ") ? "404 Not Found" : "200 OK"));
  }};
  modules["put"] = config;
  modules["put"].method = "PUT";
  CAF_CHECK_EQUAL(summary(probe(server.authority())).status, 200);
  probed_with = prober_name{"put", &kinds::http()};
  CAF_CHECK_EQUAL(summary(probe(server.authority())).status, 404);

  // The new table is for what begins from now on.
  modules["put"].valid_status_codes = {404};
  CAF_CHECK_EQUAL(reconfigure(config, modules), "");
  CAF_CHECK(probe(server.authority()).success);
  CAF_CHECK_EQUAL(reconfigure(config), "");
  CAF_CHECK_EQUAL(probe(server.authority()).error, probe_error::shutdown);

  modules["put"].headers = {{"Connection", "x"}};
  CAF_CHECK_EQUAL(reconfigure(config, modules).find("modules.put.http.headers"), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace engine_suite
