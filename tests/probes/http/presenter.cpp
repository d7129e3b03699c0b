#define CAF_SUITE presenter

#include "xprober/probes/http/presenter.hpp"

#include "support/shown.hpp"
#include "xprober/probes/http/summary.hpp"
#include "xprober/probes/stream/tls_presenter.hpp"

#include "caf/test/unit_test.hpp"

namespace presenter_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

const http::presenter show;

http_summary answered() {
  http_summary s;
  s.phases_ms = {0.5F, 1.F, 0.F, 2.F, 3.F};
  s.status = 200;
  s.version = 11;
  s.body_bytes = 12;
  return s;
}

probe_outcome outcome_of(const http_summary& summary, probe_error error = probe_error::none) {
  probe_outcome outcome;
  outcome.error = error;
  outcome.success = error == probe_error::none;
  write_summary(summary, outcome);
  return outcome;
}

std::shared_ptr<const tls_summary> certificate() {
  auto tls = std::make_shared<tls_summary>();
  tls->earliest_expiry_unix = 2'000'000'000;
  tls->expiry_unix = 2'000'000'001;
  tls->fingerprint_sha256 = "ab";
  tls->subject = "CN=leaf";
  tls->issuer = "CN=authority";
  tls->dns_names = {"a.test", "192.0.2.1", "b.test"};
  tls->version = "TLSv1.3";
  tls->cipher = "TLS_AES_128_GCM_SHA256";
  return tls;
}

} // namespace

CAF_TEST(what was written is read) {
  auto s = answered();
  s.redirects = 2;
  s.tls = certificate();
  s.cert_expiry_unix = 2'000'000'000;
  const auto got = http::read_summary(outcome_of(s));
  CAF_CHECK(got.phases_ms == s.phases_ms);
  CAF_CHECK_EQUAL(got.status, 200);
  CAF_CHECK_EQUAL(got.redirects, 2);
  CAF_CHECK_EQUAL(got.body_bytes, 12u);
  CAF_CHECK_EQUAL(got.version, 11);
  CAF_CHECK_EQUAL(got.cert_expiry_unix, 2'000'000'000);
  CAF_REQUIRE(got.tls);
  CAF_CHECK(*got.tls == *s.tls);
}

CAF_TEST(plain answers share their details) {
  CAF_CHECK(outcome_of(answered()).details == outcome_of(answered()).details);
  CAF_CHECK(outcome_of({}).details == nullptr);
}

CAF_TEST(facts) {
  auto s = answered();
  CAF_CHECK_EQUAL(shown::facts(show, outcome_of(s)),
                  "failed_phase -; status 200; version HTTP/1.1; redirects 0; body_bytes 12; "
                  "cert_expiry_unix -; tls null; phases_ms { resolve 0.5; connect 1; tls 0; "
                  "processing 2; transfer 3; } ");
  s = {};
  s.phases_ms[0] = 0.5F;
  s.tls = certificate();
  CAF_CHECK_EQUAL(
      shown::facts(show, outcome_of(s, probe_error::tls_expired)),
      "failed_phase connect; status -; version -; redirects 0; body_bytes 0; cert_expiry_unix -; "
      "tls { version TLSv1.3; cipher TLS_AES_128_GCM_SHA256; subject CN=leaf; issuer "
      "CN=authority; dns_names a.test,192.0.2.1,b.test; expiry_unix 2000000001; "
      "earliest_expiry_unix 2000000000; chain_expiry_unix -; fingerprint_sha256 ab; } phases_ms { "
      "resolve 0.5; connect -; tls -; processing -; transfer -; } ");
}

CAF_TEST(gauges) {
  probe_story story;
  auto more = std::make_shared<http_story>();
  more->phases[0] = 1ms;
  more->content_length = -1;
  more->over_tls = true;
  more->decoded_bytes = 7;
  more->last_modified_unix = 1'445'412'480;
  story.more = more;
  auto s = answered();
  s.tls = certificate();
  const auto text = shown::gauges(show, outcome_of(s, probe_error::bad_body), story);
  const std::string wanted = "probe_failed_due_to_regex 1\n"
                             "probe_http_content_length -1\n"
                             "probe_http_duration_seconds{phase=resolve} 0.001\n"
                             "probe_http_last_modified_timestamp_seconds 1.44541e+09\n"
                             "probe_http_redirects 0\n"
                             "probe_http_ssl 1\n"
                             "probe_http_status_code 200\n"
                             "probe_http_uncompressed_body_length 7\n"
                             "probe_http_version 1.1\n"
                             "probe_ssl_earliest_cert_expiry 2e+09\n"
                             "probe_ssl_last_chain_expiry_timestamp_seconds -6.21356e+10\n"
                             "probe_ssl_last_chain_info{fingerprint_sha256=ab}{issuer=CN=authority}"
                             "{subject=CN=leaf}{subjectalternative=a.test,b.test} 1\n"
                             "probe_tls_version_info{version=TLS 1.3} 1\n"
                             "probe_tls_cipher_info{cipher=TLS_AES_128_GCM_SHA256} 1\n";
  CAF_CHECK_EQUAL(text, wanted);
  // Of a probe that was not even begun there is all that has a value without it.
  CAF_CHECK_EQUAL(shown::gauges(show, probe_outcome{}), "probe_failed_due_to_regex 0\n"
                                                        "probe_http_content_length 0\n"
                                                        "probe_http_redirects 0\n"
                                                        "probe_http_ssl 0\n"
                                                        "probe_http_status_code 0\n"
                                                        "probe_http_uncompressed_body_length 0\n"
                                                        "probe_http_version 0\n");
}

CAF_TEST(the phase that failed) {
  auto s = answered();
  s.phases_ms[4].reset();
  CAF_CHECK_EQUAL(show.failed_phase(outcome_of(s, probe_error::deadline)), "transfer");
  CAF_CHECK_EQUAL(show.failed_phase(outcome_of(s, probe_error::too_many_redirects)), "");
  CAF_CHECK_EQUAL(show.failed_phase(outcome_of(s, probe_error::local_overload)), "");
  CAF_CHECK_EQUAL(show.failed_phase(outcome_of(s, probe_error::local_no_socket)), "transfer");
  CAF_CHECK_EQUAL(show.failed_phase(outcome_of(answered(), probe_error::bad_status)), "");
}

CAF_TEST(a line for tables) {
  CAF_CHECK_EQUAL(show.summary(outcome_of(answered())),
                  "status 200, resolve 0.50, connect 1.00, tls 0.00, processing 2.00, transfer "
                  "3.00 ms");
}

CAF_TEST(versions of TLS as people write them) {
  CAF_CHECK_EQUAL(stream::tls_version_label("TLSv1.3"), "TLS 1.3");
  CAF_CHECK_EQUAL(stream::tls_version_label("TLSv1"), "TLS 1.0");
  CAF_CHECK_EQUAL(stream::tls_version_label("unknown"), "unknown");
}

} // namespace presenter_suite
