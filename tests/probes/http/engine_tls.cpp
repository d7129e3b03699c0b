#define CAF_SUITE engine_tls

#include <csignal>

#include "probes/http/probe_fixture.hpp"
#include "probes/stream/tls_server.hpp"

#include "caf/test/unit_test.hpp"

namespace engine_tls_suite {

using namespace xprober;
using namespace xprober::http::test;
using namespace std::chrono_literals;

namespace {

struct fixture : probe_fixture {
  fixture() {
    // The servers of the tests write to sockets whose client has gone.
    ::signal(SIGPIPE, SIG_IGN);
    config.ca_file = authority_file.path();
  }

  identity signed_for(const std::string& holders, long valid_to_s = 3600) {
    certificate_wish wish;
    wish.alternative_names = holders;
    wish.valid_to_s = valid_to_s;
    wish.valid_from_s = -7200;
    return make_identity("leaf", wish, &authority);
  }

  static bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }

  /// The expiry a probe reported, in seconds from now.
  static std::int64_t expires_in(const probe_outcome& outcome) {
    return summary(outcome).cert_expiry_unix - to_unix_seconds(wall_clock::now());
  }

  identity authority =
      make_identity("authority", {.alternative_names = "", .valid_to_s = 7200, .authority = true});
  pem_file authority_file{authority};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(tls_tests, fixture)

CAF_TEST(a certificate that is accepted) {
  for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    tls_server server{signed_for("DNS:named.test"), {.max_version = version}};
    auto outcome = probe(server.url("named.test"));
    CAF_CHECK_EQUAL(outcome.detail, "");
    CAF_CHECK(outcome.success);
    CAF_CHECK_EQUAL(phases(outcome), all_phases);
    CAF_CHECK(*summary(outcome).phase(http_phase::tls) > 0.f);
    CAF_CHECK_EQUAL(summary(outcome).body_bytes, 2u);
    CAF_CHECK_EQUAL(server.server_name(), "named.test");
    CAF_CHECK(expires_in(outcome) > 3500);
    CAF_CHECK(expires_in(outcome) <= 3600);
  }
}

CAF_TEST(every probe makes a full handshake) {
  tls_server server{signed_for("DNS:named.test")};
  for (int i = 0; i < 3; ++i) {
    CAF_CHECK(probe(server.url("named.test")).success);
  }
  CAF_CHECK(!server.resumed());
}

CAF_TEST(an address can be certified and is no server name) {
  tls_server server{signed_for("IP:127.0.0.1")};
  CAF_CHECK(probe(server.url("127.0.0.1")).success);
  CAF_CHECK_EQUAL(server.server_name(), "-");
  tls_server other{signed_for("DNS:127.0.0.1,IP:127.0.0.2")};
  CAF_CHECK_EQUAL(probe(other.url("127.0.0.1")).error, probe_error::tls_wrong_name);
}

CAF_TEST(a certificate for another name) {
  tls_server server{signed_for("DNS:other.test,DNS:*.else.test,IP:192.0.2.1")};
  auto outcome = probe(server.url("named.test"));
  CAF_MESSAGE(outcome.detail);
  CAF_CHECK_EQUAL(outcome.error, probe_error::tls_wrong_name);
  CAF_CHECK_EQUAL(phases(outcome), "resolve connect");
  CAF_CHECK(holds(outcome.detail, "hostname mismatch"));
  CAF_CHECK(holds(outcome.detail, "other.test, *.else.test, 192.0.2.1"));
  CAF_CHECK(expires_in(outcome) > 3500);
}

CAF_TEST(an expired certificate) {
  tls_server server{signed_for("DNS:named.test", -60)};
  auto outcome = probe(server.url("named.test"));
  CAF_MESSAGE(outcome.detail);
  CAF_CHECK_EQUAL(outcome.error, probe_error::tls_expired);
  CAF_CHECK(holds(outcome.detail, "expired"));
  CAF_CHECK(holds(outcome.detail, "valid from 20"));
  CAF_CHECK(expires_in(outcome) <= -59);
  CAF_CHECK(expires_in(outcome) > -200);
}

CAF_TEST(what a certificate says is told whether it is accepted or not) {
  for (const long valid_to : {3600L, -60L}) {
    tls_server server{signed_for("DNS:named.test,DNS:*.more.test,IP:127.0.0.1", valid_to)};
    const auto outcome = probe(server.url("named.test"));
    CAF_CHECK_EQUAL(outcome.success, valid_to > 0);
    CAF_REQUIRE(summary(outcome).tls);
    const auto& tls = *summary(outcome).tls;
    CAF_CHECK_EQUAL(tls.subject, "CN=leaf");
    CAF_CHECK_EQUAL(tls.issuer, "CN=authority");
    CAF_CHECK(
        (tls.dns_names == std::vector<std::string>{"named.test", "*.more.test", "127.0.0.1"}));
    const auto now = to_unix_seconds(wall_clock::now());
    CAF_CHECK(tls.expiry_unix - now > valid_to - 120);
    CAF_CHECK(tls.expiry_unix - now <= valid_to);
    CAF_CHECK_EQUAL(tls.earliest_expiry_unix, tls.expiry_unix);
    CAF_CHECK_EQUAL(tls.version, valid_to > 0 ? "TLSv1.3" : "");
    CAF_CHECK_EQUAL(tls.cipher.empty(), valid_to < 0);
  }
}

CAF_TEST(a certificate whose time has not come) {
  certificate_wish wish{.alternative_names = "DNS:named.test", .valid_from_s = 600};
  tls_server server{make_identity("leaf", wish, &authority)};
  const auto outcome = probe(server.url("named.test"));
  CAF_CHECK_EQUAL(outcome.error, probe_error::tls_not_yet_valid);
  CAF_CHECK(holds(outcome.detail, "valid from 20"));
}

CAF_TEST(no certificate no summary of it) {
  script_server plain{[](peer& client) {
    client.read_request();
    client.send(response("200 OK"));
  }};
  CAF_CHECK(!summary(probe(plain.authority())).tls);
}

CAF_TEST(a certificate of an unknown authority) {
  tls_server server{make_identity("self", {.alternative_names = "DNS:named.test"})};
  auto outcome = probe(server.url("named.test"));
  CAF_CHECK_EQUAL(outcome.error, probe_error::tls_unknown_issuer);
  CAF_CHECK(holds(outcome.detail, "self-signed") || holds(outcome.detail, "self signed"));
}

CAF_TEST(verification can be skipped and the expiry is still known) {
  config.insecure_skip_verify = true;
  tls_server server{signed_for("DNS:other.test", -60)};
  auto outcome = probe(server.url("named.test"));
  CAF_CHECK(outcome.success);
  CAF_CHECK(expires_in(outcome) < 0);
}

CAF_TEST(the system store is what the environment names) {
  config.ca_file.clear();
  ::setenv("SSL_CERT_FILE", authority_file.path().c_str(), 1);
  tls_server server{signed_for("DNS:named.test")};
  auto outcome = probe(server.url("named.test"));
  ::unsetenv("SSL_CERT_FILE");
  CAF_CHECK_EQUAL(outcome.detail, "");
  CAF_CHECK(outcome.success);
}

CAF_TEST(old protocols are not spoken) {
  tls_server server{signed_for("DNS:named.test"), {.max_version = TLS1_1_VERSION}};
  auto outcome = probe(server.url("named.test"));
  CAF_MESSAGE(outcome.detail);
  CAF_CHECK_EQUAL(outcome.error, probe_error::tls_protocol);
  CAF_CHECK_EQUAL(phases(outcome), "resolve connect");
}

CAF_TEST(a server that does not speak TLS) {
  script_server plain{[](peer& client) {
    client.send(response("400 Bad Request"));
    client.wait_closed();
  }};
  auto outcome = probe("https://" + plain.authority());
  CAF_CHECK_EQUAL(outcome.error, probe_error::tls_failed);
  CAF_CHECK(holds(outcome.detail, "wrong version number"));
  script_server closes{[](peer& client) { client.read_some(); }};
  CAF_CHECK_EQUAL(probe("https://" + closes.authority()).error, probe_error::tls_failed);
  script_server gone{[](peer& client) {
    client.read_some();
    client.reset();
  }};
  CAF_CHECK_EQUAL(probe("https://" + gone.authority()).error, probe_error::tls_failed);
}

CAF_TEST(a stalled handshake ends at the deadline) {
  config.timeout = 300ms;
  script_server stalled{[](peer& client) { client.wait_closed(); }};
  const auto begin_time = monotonic_clock::now();
  auto outcome = probe("https://" + stalled.authority());
  CAF_CHECK_EQUAL(outcome.error, probe_error::deadline);
  CAF_CHECK(holds(outcome.detail, "tls not completed"));
  CAF_CHECK_EQUAL(phases(outcome), "resolve connect");
  CAF_CHECK(monotonic_clock::now() - begin_time < 2s);
}

CAF_TEST(a body that the end of the connection ends needs no formal close) {
  tls_server server{signed_for("DNS:named.test"), {.body = "HTTP/1.1 200 OK\r\n\r\nabc"}};
  auto outcome = probe(server.url("named.test"));
  CAF_CHECK_EQUAL(outcome.detail, "");
  CAF_CHECK_EQUAL(summary(outcome).body_bytes, 3u);
}

CAF_TEST(every host is asked for by its own name and verified) {
  tls_server second{signed_for("DNS:second.test")};
  tls_server first{
      signed_for("DNS:first.test"),
      {.body = response("302 Found", "", "Location: " + second.url("second.test") + "\r\n")}};
  auto outcome = probe(first.url("first.test"));
  CAF_CHECK_EQUAL(outcome.detail, "");
  CAF_CHECK(outcome.success);
  CAF_CHECK_EQUAL(first.server_name(), "first.test");
  CAF_CHECK_EQUAL(second.server_name(), "second.test");
  CAF_MESSAGE("a redirect to a host whose certificate is another's");
  tls_server astray{
      signed_for("DNS:first.test"),
      {.body = response("302 Found", "", "Location: " + second.url("third.test") + "\r\n")}};
  outcome = probe(astray.url("first.test"));
  CAF_CHECK_EQUAL(outcome.error, probe_error::tls_wrong_name);
  CAF_CHECK_EQUAL(phases(outcome), "resolve connect");
}

CAF_TEST(from http to https on one host) {
  tls_server secure{signed_for("DNS:named.test")};
  script_server plain{[&](peer& client) {
    client.read_request();
    client.send(response("301 Moved", "", "Location: " + secure.url("named.test") + "\r\n"));
  }};
  auto outcome = probe(plain.authority("named.test"));
  CAF_CHECK(outcome.success);
  CAF_CHECK(*summary(outcome).phase(http_phase::tls) > 0.f);
  CAF_CHECK_EQUAL(secure.server_name(), "named.test");
}

CAF_TEST(an authority file that is none) {
  config.ca_file = "missing.pem";
  try {
    prober();
    CAF_FAIL("a missing file was accepted");
  } catch (const std::runtime_error& e) {
    CAF_CHECK(holds(e.what(), "http.ca_file: missing.pem"));
  }
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace engine_tls_suite
