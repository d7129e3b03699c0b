#define CAF_SUITE engine_response

#include <atomic>
#include <csignal>

#include "probes/http/encoded.hpp"
#include "probes/http/probe_fixture.hpp"
#include "probes/stream/tls_server.hpp"

#include "caf/test/unit_test.hpp"

namespace engine_response_suite {

using namespace xprober;
using namespace xprober::http::test;
using namespace std::chrono_literals;

namespace {

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

struct fixture : probe_fixture {
  fixture() { ::signal(SIGPIPE, SIG_IGN); }

  script_server::script says(std::string text) {
    return [text = std::move(text)](peer& client) {
      client.read_request();
      client.send(text);
    };
  }

  /// Ends with its own error, named in the detail, within the deadline and little more.
  void check_ends(const script_server& server, probe_error error, std::string_view scheme = "") {
    const auto begun = monotonic_clock::now();
    const auto outcome = probe(std::string{scheme} + server.authority());
    CAF_MESSAGE(outcome.detail);
    CAF_CHECK_EQUAL(outcome.error, error);
    CAF_CHECK(!outcome.detail.empty());
    CAF_CHECK(monotonic_clock::now() - begun < config.timeout + 1s);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(response_tests, fixture)

CAF_TEST(a decoded body is looked into) {
  config.fail_if_body_not_matches_regexp = {"needle"};
  for (const auto& [coding, body] :
       std::vector<std::pair<std::string, std::string>>{{"gzip", gzipped("a needle")},
                                                        {"deflate", deflated("a needle", -15)},
                                                        {"br", brotlied("a needle")}}) {
    script_server server{says(response("200 OK", body, "Content-Encoding: " + coding + "\r\n"))};
    const auto outcome = probe(server.authority());
    CAF_CHECK_EQUAL(outcome.detail, "");
    CAF_CHECK_EQUAL(summary(outcome).body_bytes, body.size());
  }
  script_server other{says(response("200 OK", gzipped("hay"), "Content-Encoding: gzip\r\n"))};
  const auto outcome = probe(other.authority());
  CAF_CHECK_EQUAL(outcome.error, probe_error::bad_body);
  CAF_CHECK(holds(outcome.detail, "the body does not match 'needle'"));
  CAF_CHECK_EQUAL(phases(outcome), all_phases);
  CAF_CHECK_EQUAL(summary(outcome).status, 200);
}

CAF_TEST(the last response of a chain is judged) {
  config.fail_if_header_matches = {{"Location", ".", true}};
  config.fail_if_not_ssl = true;
  const auto self = make_identity("self", {.alternative_names = "DNS:a.test"});
  pem_file trusted{self};
  config.ca_file = trusted.path();
  tls_server secure{self};
  script_server plain{
      says(response("302 Found", "x", "Location: " + secure.url("a.test") + "\r\n"))};
  const auto outcome = probe(plain.authority());
  CAF_CHECK_EQUAL(outcome.detail, "");
  CAF_CHECK_EQUAL(summary(outcome).version, 11);
  config.fail_if_not_ssl = false;
  config.fail_if_ssl = true;
  CAF_CHECK_EQUAL(reconfigure(config), "");
  CAF_CHECK_EQUAL(probe(plain.authority()).error, probe_error::tls_unwanted);
}

CAF_TEST(a bomb has its own error) {
  config.max_body = 1'000'000;
  const auto bomb = gzipped(std::string(100'000'000, '\0'));
  CAF_REQUIRE(bomb.size() < config.max_body);
  script_server server{says(response("200 OK", bomb, "Content-Encoding: gzip\r\n"))};
  check_ends(server, probe_error::http_decoded_too_large);
  script_server broken{says(response("200 OK", "not gzip", "Content-Encoding: gzip\r\n"))};
  check_ends(broken, probe_error::http_bad_encoding);
}

CAF_TEST(an answer that closes at any point has its own error) {
  const std::string whole = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n"
                            "3\r\nabc\r\n0\r\nT: u\r\n\r\n";
  std::atomic<std::size_t> length{0};
  script_server server{[&](peer& client) {
    client.read_request();
    client.send(std::string_view{whole}.substr(0, length.load()));
  }};
  for (length = 0; length < whole.size(); ++length) {
    const auto outcome = probe(server.authority());
    CAF_CHECK_EQUAL(outcome.error, probe_error::http_early_close);
    CAF_CHECK(!outcome.detail.empty());
  }
  CAF_CHECK(probe(server.authority()).success);
}

CAF_TEST(a byte now and then does not outlast the deadline) {
  config.timeout = 400ms;
  const auto drip = [](std::string text) {
    return [text = std::move(text)](peer& client) {
      client.read_request();
      for (std::size_t i = 0; client.send(text.substr(i % text.size(), 1)); ++i) {
        std::this_thread::sleep_for(20ms);
      }
    };
  };
  script_server header{drip("HTTP/1.1 200 OK\r\nX: " + std::string(5000, 'x'))};
  check_ends(header, probe_error::deadline);
  script_server body{[](peer& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\n\r\n");
    while (client.send("x")) {
      std::this_thread::sleep_for(20ms);
    }
  }};
  check_ends(body, probe_error::deadline);
}

CAF_TEST(chunks and interim responses without end are cut off) {
  config.max_body = 100'000;
  script_server chunks{[](peer& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (client.send("5\r\nhello\r\n")) {
    }
  }};
  check_ends(chunks, probe_error::http_body_too_large);
  script_server interim{[](peer& client) {
    client.read_request();
    while (client.send("HTTP/1.1 102 Processing\r\n\r\n")) {
    }
  }};
  check_ends(interim, probe_error::http_malformed);
  script_server trailers{[](peer& client) {
    client.read_request();
    client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n");
    while (client.send("T: " + std::string(1000, 'x') + "\r\n")) {
    }
  }};
  check_ends(trailers, probe_error::http_header_too_large);
}

CAF_TEST(a handshake that stalls or ends at any step has its own error) {
  config.timeout = 300ms;
  // What a server says first: a handshake record of 122 bytes with a ServerHello of 118, which
  // never comes whole.
  std::string hello("\x16\x03\x03\0\x7A\x02\0\0\x76\x03\x03", 11);
  hello += std::string(60, 'r');
  for (const std::size_t length : {0UL, 1UL, 5UL, 6UL, 11UL, hello.size()}) {
    script_server stalls{[&](peer& client) {
      client.read_some();
      client.send(std::string_view{hello}.substr(0, length));
      client.wait_closed();
    }};
    check_ends(stalls, probe_error::deadline, "https://");
    script_server closes{[&](peer& client) {
      client.read_some();
      client.send(std::string_view{hello}.substr(0, length));
    }};
    check_ends(closes, probe_error::tls_failed, "https://");
  }
  script_server drips{[&](peer& client) {
    client.read_some();
    for (std::size_t i = 0; i < hello.size() && client.send({&hello[i], 1}); ++i) {
      std::this_thread::sleep_for(20ms);
    }
    client.wait_closed();
  }};
  check_ends(drips, probe_error::deadline, "https://");
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace engine_response_suite
