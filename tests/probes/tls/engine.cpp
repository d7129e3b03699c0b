#define CAF_SUITE engine

#include "xprober/probes/tls/engine.hpp"

#include <csignal>

#include "probes/stream/kind_fixture.hpp"
#include "probes/stream/tls_server.hpp"
#include "support/shown.hpp"
#include "xprober/base/certificate_facts.hpp"
#include "xprober/probes/stream/tls_details.hpp"
#include "xprober/probes/tls/presenter.hpp"

#include "caf/test/unit_test.hpp"

namespace engine_suite {

using namespace xprober;
using namespace xprober::stream::test;
using namespace std::chrono_literals;

namespace {

namespace column = kinds::tls_column;

struct fixture : kind_fixture {
  fixture() : kind_fixture(kinds::tls(), tls::make_engine) {
    ::signal(SIGPIPE, SIG_IGN);
    config.tls.timeout = 5s;
    config.tls.tls_config.ca_file = authority_file.path();
  }

  identity signed_for(const std::string& holders, long valid_to_s = 3600) const {
    return make_identity(
        "leaf", {.alternative_names = holders, .valid_from_s = -7200, .valid_to_s = valid_to_s},
        &authority);
  }

  static std::string at(const tls_server& server, const std::string& host = "named.test") {
    return host + ":" + std::to_string(server.port());
  }

  identity authority =
      make_identity("authority", {.alternative_names = "", .valid_to_s = 7200, .authority = true});
  pem_file authority_file{authority};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(tls_tests, fixture)

CAF_TEST(a handshake and what the certificate says) {
  tls_server server{signed_for("DNS:named.test")};
  const auto outcome = probe(at(server));
  CAF_CHECK_EQUAL(outcome.detail, "");
  CAF_CHECK(outcome.success);
  CAF_CHECK_EQUAL(phases(outcome), "resolve connect starttls tls");
  CAF_CHECK(outcome.values.number(column::starttls) == 0.F);
  const auto now = static_cast<std::uint32_t>(to_unix_seconds(wall_clock::now()));
  for (const auto place : {column::cert_expiry, column::chain_expiry, column::own_expiry}) {
    const auto expiry = outcome.values.whole(place);
    CAF_REQUIRE(expiry);
    CAF_CHECK(*expiry > now + 3000 && *expiry <= now + 3600);
  }
  CAF_REQUIRE(stream::tls_of(outcome) != nullptr);
  CAF_CHECK_EQUAL(stream::tls_of(outcome)->version, "TLSv1.3");
  CAF_CHECK_EQUAL(stream::tls_of(outcome)->issuer, "CN=authority");
}

CAF_TEST(targets behind one certificate share its bytes) {
  tls_server server{signed_for("DNS:named.test")};
  const auto first = probe(at(server));
  const auto second = probe(at(server));
  CAF_REQUIRE(stream::tls_of(first) != nullptr);
  const auto& chain = stream::tls_of(first)->sent;
  CAF_REQUIRE(chain);
  CAF_REQUIRE_EQUAL(chain->der.size(), 1U);
  CAF_CHECK_EQUAL(chain->fingerprints.at(0), stream::tls_of(first)->fingerprint_sha256);
  CAF_CHECK(stream::tls_of(second)->sent == chain);
  const auto facts = read_certificate(chain->der[0]);
  CAF_REQUIRE(facts);
  CAF_CHECK_EQUAL(facts->fingerprint_sha256, chain->fingerprints[0]);
  CAF_CHECK_EQUAL(facts->issuer, "CN=authority");
  tls_server other{make_identity("self", {.alternative_names = "DNS:named.test"})};
  const auto refused = probe(at(other));
  CAF_CHECK_EQUAL(refused.error, probe_error::tls_unknown_issuer);
  CAF_REQUIRE(stream::tls_of(refused) != nullptr && stream::tls_of(refused)->sent);
  CAF_CHECK(stream::tls_of(refused)->sent != chain);
}

CAF_TEST(a reset at once has one reason) {
  script_server server{[](peer& client) { client.reset(); }};
  for (int i = 0; i < 40; ++i) {
    CAF_REQUIRE_EQUAL(probe(server.authority()).error, probe_error::tls_failed);
  }
}

CAF_TEST(what is wrong with a certificate) {
  tls_server expired{signed_for("DNS:named.test", -60)};
  auto outcome = probe(at(expired));
  CAF_CHECK_EQUAL(outcome.error, probe_error::tls_expired);
  CAF_CHECK_EQUAL(phases(outcome), "resolve connect starttls");
  CAF_CHECK(outcome.values.has(column::cert_expiry));
  CAF_CHECK(!outcome.values.has(column::chain_expiry));
  tls_server other{signed_for("DNS:other.test")};
  CAF_CHECK_EQUAL(probe(at(other)).error, probe_error::tls_wrong_name);
  tls_server self{make_identity("self", {.alternative_names = "DNS:named.test"})};
  CAF_CHECK_EQUAL(probe(at(self)).error, probe_error::tls_unknown_issuer);
}

CAF_TEST(another name can be asked for and verification skipped) {
  tls_server server{signed_for("DNS:virtual.test")};
  config.tls.tls_config.server_name = "virtual.test";
  CAF_CHECK(probe(at(server, "127.0.0.1")).success);
  CAF_CHECK_EQUAL(server.server_name(), "virtual.test");
  auto next = config;
  next.tls.tls_config = {};
  next.tls.tls_config.insecure_skip_verify = true;
  CAF_CHECK_EQUAL(engine().prepare(next), "");
  engine().commit();
  const auto outcome = probe(at(server));
  CAF_CHECK(outcome.success);
  CAF_CHECK(!outcome.values.has(column::chain_expiry));
}

CAF_TEST(what does not speak TLS) {
  script_server plain{[](peer& client) {
    client.send("220 hello\r\n");
    client.wait_closed();
  }};
  CAF_CHECK_EQUAL(probe(plain.authority("named.test")).error, probe_error::tls_failed);
  tls_server old{signed_for("DNS:named.test"), {.max_version = TLS1_1_VERSION}};
  CAF_CHECK_EQUAL(probe(at(old)).error, probe_error::tls_protocol);
}

CAF_TEST(a certificate that the server wants is named by its whole key) {
  tls_server server{signed_for("DNS:named.test"),
                    {.max_version = TLS1_2_VERSION, .clients_of = authority.certificate}};
  const auto outcome = probe(at(server));
  CAF_CHECK_EQUAL(outcome.error, probe_error::tls_failed);
  CAF_MESSAGE(outcome.detail);
  CAF_CHECK(holds(outcome.detail, ", and tls.tls_config.cert_file names none"));
}

CAF_TEST(TLS after a talk in the clear) {
  config.tls.starttls = starttls_protocol::smtp;
  tls_server secure{signed_for("DNS:named.test")};
  script_server plain{[&](peer& client) {
    client.send("220 mail.test ESMTP\r\n");
    client.read_bytes(22);
    client.send("250-mail.test\r\n250 STARTTLS\r\n");
    client.read_bytes(10);
    client.send("220 go\r\n");
    client.join(secure.port());
  }};
  const auto outcome = probe(plain.authority("named.test"));
  CAF_CHECK_EQUAL(outcome.detail, "");
  CAF_CHECK(outcome.success);
  CAF_CHECK(*outcome.values.number(column::starttls) > 0.F);
}

CAF_TEST(a talk that leads nowhere) {
  config.tls.starttls = starttls_protocol::imap;
  script_server refuses{[](peer& client) {
    client.send("* OK\r\n");
    client.read_bytes(13);
    client.send("a1 NO not here\r\n");
    client.wait_closed();
  }};
  auto outcome = probe(refuses.authority("named.test"));
  CAF_CHECK_EQUAL(outcome.error, probe_error::starttls_failed);
  CAF_CHECK_EQUAL(phases(outcome), "resolve connect");
  CAF_CHECK(holds(outcome.detail, "imap: the server answered 'a1 NO not here'"));
  script_server closes{[](peer&) {}};
  CAF_CHECK_EQUAL(probe(closes.authority("named.test")).error, probe_error::early_close);
}

CAF_TEST(silence ends at the deadline and names its phase) {
  config.tls.timeout = 300ms;
  script_server silent{[](peer& client) { client.wait_closed(); }};
  auto outcome = probe(silent.authority("named.test"));
  CAF_CHECK_EQUAL(outcome.error, probe_error::deadline);
  CAF_CHECK(holds(outcome.detail, "tls not completed within the timeout of 300 ms"));
  auto next = config;
  next.tls.starttls = starttls_protocol::pop3;
  CAF_CHECK_EQUAL(engine().prepare(next), "");
  engine().commit();
  outcome = probe(silent.authority("named.test"));
  CAF_CHECK(holds(outcome.detail, "starttls not completed"));
  next.tls.tls_config.ca_file = "missing.pem";
  CAF_CHECK(holds(engine().prepare(next), "tls.tls_config.ca_file: missing.pem"));
}

CAF_TEST(how it is shown) {
  const tls::presenter show;
  tls_server server{signed_for("DNS:named.test")};
  const auto outcome = probe(at(server));
  const auto gauges = shown::gauges(show, outcome);
  for (const auto* name :
       {"probe_tls_duration_seconds{phase=tls}", "probe_ssl_earliest_cert_expiry ",
        "probe_ssl_last_chain_expiry_timestamp_seconds ", "probe_ssl_last_chain_info",
        "probe_tls_version_info{version=TLS 1.3}", "probe_tls_cipher_info"}) {
    CAF_CHECK(holds(gauges, name));
  }
  CAF_CHECK(holds(shown::facts(show, outcome), "subject CN=leaf; issuer CN=authority;"));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace engine_suite
