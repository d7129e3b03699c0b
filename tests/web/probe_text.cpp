#define CAF_SUITE probe_text

#include "xprober/web/probe_text.hpp"
#include "web/sample.hpp"

#include "caf/test/unit_test.hpp"

namespace probe_text_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

probe_answer http_answer() {
  probe_answer answer;
  answer.module = std::make_shared<const module_config>(kinds::http(), kind_settings{});
  answer.outcome.success = true;
  answer.outcome.duration = 25ms;
  http_summary http;
  http.status = 200;
  http.redirects = 2;
  http.version = 11;
  auto tls = std::make_shared<tls_summary>();
  tls->earliest_expiry_unix = 1'795'911'039;
  tls->chain_expiry_unix = 1'795'911'000;
  tls->fingerprint_sha256 = "93a4";
  tls->subject = "CN=a.test";
  tls->issuer = "CN=\"authority\"";
  tls->dns_names = {"a.test", "127.0.0.1", "b.test"};
  tls->version = "TLSv1.3";
  tls->cipher = "TLS_AES_256_GCM_SHA384";
  http.tls = tls;
  write_summary(http, answer.outcome);
  answer.story.first_address = "127.0.0.1";
  answer.story.resolve = 3ms;
  http_story more;
  more.phases = {3ms, 1ms, 2ms, 4ms, 0ms};
  more.content_length = -1;
  more.decoded_bytes = 4463;
  more.over_tls = true;
  more.last_modified_unix = 1'445'412'480;
  answer.story.more = std::make_shared<const http_story>(more);
  return answer;
}

probe_answer icmp_answer() {
  probe_answer answer;
  answer.module = std::make_shared<const module_config>(kinds::icmp(), kind_settings{});
  answer.outcome.success = true;
  icmp_summary icmp;
  icmp.sent = 4;
  icmp.received = 3;
  icmp.rtt.mean = 2.5F;
  icmp.reply_ttl = 64;
  write_summary(icmp, answer.outcome);
  answer.story.first_address = "fe80::1%eth0";
  icmp_story more;
  more.setup = 1ms;
  answer.story.more = std::make_shared<const icmp_story>(more);
  return answer;
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST(an answer over TLS has what blackbox_exporter has of it) {
  const auto text = web::probe_metrics(http_answer(), sample::presenters());
  for (const auto* line :
       {"probe_success 1",
        "probe_duration_seconds 0.025",
        "probe_dns_lookup_time_seconds 0.003",
        "probe_http_status_code 200",
        "probe_http_redirects 2",
        "probe_http_version 1.1",
        "probe_http_ssl 1",
        "probe_http_content_length -1",
        "probe_failed_due_to_regex 0",
        "probe_http_uncompressed_body_length 4463",
        "probe_http_last_modified_timestamp_seconds 1445412480",
        "probe_ip_protocol 4",
        "probe_ip_addr_hash 3668918509",
        "probe_ssl_earliest_cert_expiry 1795911039",
        "probe_ssl_last_chain_expiry_timestamp_seconds 1795911000",
        "probe_http_duration_seconds{phase=\"tls\"} 0.002",
        "probe_http_duration_seconds{phase=\"transfer\"} 0",
        "probe_tls_version_info{version=\"TLS 1.3\"} 1",
        "probe_tls_cipher_info{cipher=\"TLS_AES_256_GCM_SHA384\"} 1",
        "probe_ssl_last_chain_info{fingerprint_sha256=\"93a4\",issuer=\"CN=\\\"authority\\\"\","
        "subject=\"CN=a.test\",subjectalternative=\"a.test,b.test\"} 1",
        "xprober_probe_local_error 0",
        "# TYPE probe_success gauge",
        "# HELP probe_http_ssl Indicates if SSL was used for the final redirect"}) {
    CAF_CHECK(has_line(text, line));
  }
  CAF_CHECK(!has(text, "xprober_probe_failure_info"));
}

CAF_TEST(a refused certificate still tells its dates and no chain) {
  auto answer = http_answer();
  answer.outcome.success = false;
  answer.outcome.error = probe_error::tls_expired;
  auto http = http::read_summary(answer.outcome);
  auto tls = *http.tls;
  tls.version.clear();
  tls.chain_expiry_unix = 0;
  http.tls = std::make_shared<const tls_summary>(tls);
  http.status = 0;
  http.phases_ms[0] = http.phases_ms[1] = 1.0F;
  answer.outcome.values = {};
  write_summary(http, answer.outcome);
  answer.story = {};
  http_story more;
  more.phases[0] = 1ms;
  answer.story.more = std::make_shared<const http_story>(more);
  const auto text = web::probe_metrics(answer, sample::presenters());
  CAF_CHECK(has_line(text, "probe_success 0"));
  CAF_CHECK(has_line(text, "probe_ssl_earliest_cert_expiry 1795911039"));
  CAF_CHECK(!has(text, "probe_ssl_last_chain_expiry_timestamp_seconds"));
  CAF_CHECK(!has(text, "probe_tls_version_info"));
  CAF_CHECK(!has(text, "phase=\"processing\""));
  CAF_CHECK(has_line(text, "probe_ip_protocol 0"));
  CAF_CHECK(has_line(text, "xprober_probe_failure_info{reason=\"tls_expired\",phase=\"tls\"} 1"));
}

CAF_TEST(a certificate that was not to be verified has no chain) {
  auto answer = http_answer();
  auto http = http::read_summary(answer.outcome);
  auto tls = *http.tls;
  tls.chain_expiry_unix = 0;
  tls.version = "TLSv1";
  http.tls = std::make_shared<const tls_summary>(tls);
  answer.outcome.values = {};
  write_summary(http, answer.outcome);
  const auto text = web::probe_metrics(answer, sample::presenters());
  CAF_CHECK(has_line(text, "probe_ssl_last_chain_expiry_timestamp_seconds -62135596800"));
  CAF_CHECK(has_line(text, "probe_tls_version_info{version=\"TLS 1.0\"} 1"));
}

CAF_TEST(a failed expression is told apart) {
  for (const auto error : {probe_error::bad_body, probe_error::bad_header}) {
    auto answer = http_answer();
    answer.outcome.success = false;
    answer.outcome.error = error;
    CAF_CHECK(
        has_line(web::probe_metrics(answer, sample::presenters()), "probe_failed_due_to_regex 1"));
  }
}

CAF_TEST(an echo) {
  const auto text = web::probe_metrics(icmp_answer(), sample::presenters());
  for (const auto* line : {"probe_success 1", "probe_icmp_duration_seconds{phase=\"resolve\"} 0",
                           "probe_icmp_duration_seconds{phase=\"rtt\"} 0.0025",
                           "probe_icmp_duration_seconds{phase=\"setup\"} 0.001",
                           "probe_icmp_reply_hop_limit 64", "probe_ip_protocol 6",
                           "xprober_probe_icmp_loss_ratio 0.25", "xprober_probe_icmp_echoes 4"}) {
    CAF_CHECK(has_line(text, line));
  }
  CAF_CHECK(!has(text, "probe_http"));
}

CAF_TEST(no echo was answered) {
  auto answer = icmp_answer();
  answer.outcome.success = false;
  answer.outcome.error = probe_error::no_reply;
  icmp_summary icmp;
  icmp.sent = 1;
  answer.outcome.values = {};
  write_summary(icmp, answer.outcome);
  const auto text = web::probe_metrics(answer, sample::presenters());
  CAF_CHECK(has_line(text, "probe_success 0"));
  CAF_CHECK(!has(text, "phase=\"rtt\""));
  CAF_CHECK(!has(text, "probe_icmp_reply_hop_limit"));
  CAF_CHECK(has_line(text, "xprober_probe_icmp_loss_ratio 1"));
}

CAF_TEST(the story for people) {
  auto answer = http_answer();
  answer.outcome.started = wall_time{std::chrono::seconds{1'767'323'045}};
  answer.story.lines = {{5ms, "Resolved target address", {{"ip", "127.0.0.1"}}},
                        {7ms, "odd", {{"text", "a \"b\"\n"}}}};
  probe_question question;
  question.target = "http://user:password@a.test/";
  question.module = "http_2xx";
  const auto text = web::probe_debug_text(question, answer, sample::presenters(), "prober: http\n");
  CAF_CHECK(text.starts_with("Logs for the probe:\nts=2026-01-02T03:04:05.000Z module=http_2xx "
                             "target=http://a.test/ level=info msg=\"Beginning probe\""));
  CAF_CHECK(has(text,
                "ts=2026-01-02T03:04:05.005Z module=http_2xx target=http://a.test/ level=info "
                "msg=\"Resolved target address\" ip=127.0.0.1\n"));
  CAF_CHECK(has(text, "msg=odd text=\"a \\\"b\\\"\\n\"\n"));
  CAF_CHECK(has(text, "msg=\"Probe succeeded\" duration_seconds=0.025\n"));
  CAF_CHECK(has(text, "\n\n\nMetrics that would have been returned:\n# HELP "));
  CAF_CHECK(has(text, "\n\n\nModule configuration:\nprober: http\n"));
  CAF_CHECK(!has(text, "password@"));
}

CAF_TEST(the story of a probe that did not begin has its reason) {
  auto answer = http_answer();
  answer.outcome.success = false;
  answer.outcome.error = probe_error::bad_target;
  answer.outcome.detail = "the port is missing";
  probe_question question;
  question.target = "a.test";
  question.module = "http_2xx";
  const auto text = web::probe_debug_text(question, answer, sample::presenters(), "");
  const std::string reason = "level=error msg=\"the port is missing\" error=bad_target\n";
  CAF_CHECK(has(text, reason));
  answer.story.lines = {{5ms, "the port is missing", {{"error", "bad_target"}}}};
  const auto once = web::probe_debug_text(question, answer, sample::presenters(), "");
  CAF_CHECK(once.find("the port is missing") == once.rfind("the port is missing"));
}

} // namespace probe_text_suite
