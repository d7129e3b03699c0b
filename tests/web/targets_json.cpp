#define CAF_SUITE targets_json

#include "xprober/web/targets_json.hpp"

#include "web/sample.hpp"
#include "xprober/web/json.hpp"

#include "caf/test/unit_test.hpp"

namespace targets_json_suite {

using namespace xprober;
using namespace xprober::web;

namespace {

json only_result(probe_result_ptr last) {
  target_story story;
  story.uid = last->target->uid;
  story.last = std::move(last);
  return json::parse(target_json(story, sample::presenters())).at("last");
}

} // namespace

CAF_TEST(a listing has its counts and lines) {
  const auto out = json::parse(targets_json(sample::listing(), sample::presenters()));
  CAF_CHECK_EQUAL(out.at("total").get<int>(), 5);
  CAF_CHECK_EQUAL(out.at("ok").get<int>(), 2);
  CAF_CHECK_EQUAL(out.at("failing").get<int>(), 2);
  CAF_CHECK_EQUAL(out.at("waiting").get<int>(), 1);
  CAF_REQUIRE_EQUAL(out.at("targets").size(), 5u);
  const auto& first = out.at("targets")[0];
  CAF_CHECK_EQUAL(first.at("uid").get<std::string>(), uid_text(sample::icmp_uid("10.1.2.4")));
  CAF_CHECK_EQUAL(first.at("target").get<std::string>(), "10.1.2.4");
  CAF_CHECK_EQUAL(first.at("region").get<std::string>(), "cn-south");
  CAF_CHECK_EQUAL(first.at("probe_type").get<std::string>(), "icmp");
  CAF_CHECK_EQUAL(first.at("state").get<std::string>(), "failing");
  CAF_CHECK_EQUAL(first.at("last").at("error").get<std::string>(), "no_reply");
  CAF_CHECK(out.at("targets")[4].at("last").is_null());
  CAF_CHECK(out.at("targets")[4].at("since_unix").is_null());
  auto listing = sample::listing();
  listing.lines[0].since_unix = 1'767'323'000;
  const auto since = json::parse(targets_json(listing, sample::presenters()));
  CAF_CHECK_EQUAL(since.at("targets")[0].at("since_unix").get<int>(), 1'767'323'000);
}

CAF_TEST(an ICMP result has its echoes) {
  const auto last = only_result(sample::icmp_ok(sample::icmp_uid("10.1.2.3")));
  CAF_CHECK_EQUAL(last.at("time").get<std::string>(), "2026-01-02T03:04:02.678Z");
  CAF_CHECK_EQUAL(last.at("time_unix").get<double>(), 1767323042.678);
  CAF_CHECK(last.at("error").is_null());
  CAF_CHECK_EQUAL(last.at("kind").get<std::string>(), "icmp");
  CAF_CHECK_EQUAL(last.at("duration_ms").get<double>(), 12.5);
  CAF_CHECK_EQUAL(last.at("time_ms").get<double>(), 0.25);
  CAF_CHECK_EQUAL(last.at("loss_percent").get<double>(), 2.0);
  CAF_CHECK_EQUAL(last.at("remark").get<std::string>(),
                  "49/50 echoes · p99 1.4 · max 1.5 ms · 1 duplicate · 2 reordered");
  CAF_CHECK_EQUAL(last.at("start_lag_ms").get<double>(), 0.25);
  CAF_CHECK(!last.at("resolve_cached").get<bool>());
  CAF_CHECK_EQUAL(
      last.at("icmp").dump(),
      R"({"sent":50,"received":49,"loss_percent":2.0,"duplicates":1,"late":0,"reordered":2,)"
      R"("reply_ttl":57,"receive_overflow":false,"rtt_inexact":false,"icmp_errors":[{"type":3,"code":1,)"
      R"("text":"host unreachable","router":"192.0.2.254","count":1}],"rtt_ms":{"min":0.1,)"
      R"("avg":0.25,"p50":0.2,"p90":0.9,"p99":1.4,"max":1.5,"stddev":0.2,"jitter":0.05}})");
  CAF_CHECK(!last.contains("http"));
}

CAF_TEST(loss that was not measured is null) {
  const auto uid = sample::icmp_uid("nowhere.example");
  const auto unresolved =
      only_result(sample::icmp_failed(uid, probe_error::resolve_not_found, "no such name"));
  CAF_CHECK(unresolved.at("icmp").at("loss_percent").is_null());
  CAF_CHECK(unresolved.at("icmp").at("rtt_ms").is_null());
  CAF_CHECK(unresolved.at("icmp").at("reply_ttl").is_null());
  CAF_CHECK_EQUAL(unresolved.at("icmp").at("icmp_errors").dump(), "[]");
  CAF_CHECK_EQUAL(unresolved.at("local_error").get<bool>(), false);
  const auto local = only_result(sample::icmp_failed(uid, probe_error::local_send, "EPERM"));
  CAF_CHECK(local.at("icmp").at("loss_percent").is_null());
  CAF_CHECK_EQUAL(local.at("local_error").get<bool>(), true);
  const auto lost = only_result(sample::icmp_failed(uid));
  CAF_CHECK_EQUAL(lost.at("icmp").at("loss_percent").get<double>(), 100.0);
}

CAF_TEST(an HTTP result has its phases) {
  const auto last = only_result(sample::http_ok(sample::http_uid("https://www.example/")));
  CAF_CHECK_EQUAL(
      last.at("http").dump(),
      R"({"failed_phase":null,"status":200,"version":null,"redirects":1,"body_bytes":4096,)"
      R"("cert_expiry_unix":1769915045,"tls":null,)"
      R"("phases_ms":{"resolve":1.5,"connect":10.25,"tls":30.5,"processing":40.0,)"
      R"("transfer":5.0}})");
  CAF_CHECK_EQUAL(last.at("time_ms").get<double>(), 87.25);
  CAF_CHECK(last.at("loss_percent").is_null());
  CAF_CHECK_EQUAL(last.at("remark").get<std::string>(), "status 200 · 1 redirect");
  const auto failed = only_result(sample::http_failed(sample::http_uid("https://down.example/")));
  CAF_CHECK(failed.at("http").at("status").is_null());
  CAF_CHECK(failed.at("time_ms").is_null()); // one phase alone is not what it took
  CAF_CHECK_EQUAL(failed.at("http").at("failed_phase").get<std::string>(), "connect");
  CAF_CHECK(failed.at("http").at("cert_expiry_unix").is_null());
  CAF_CHECK_EQUAL(failed.at("http").at("phases_ms").at("resolve").get<double>(), 2.5);
  CAF_CHECK(failed.at("http").at("phases_ms").at("connect").is_null());
}

CAF_TEST(an HTTPS result tells of the certificate) {
  auto result = sample::http_ok(sample::http_uid("https://www.example/"));
  auto changed = *result;
  auto http = http::read_summary(changed.outcome);
  http.version = 11;
  http.tls =
      std::make_shared<const tls_summary>(tls_summary{.expiry_unix = 20,
                                                      .earliest_expiry_unix = 10,
                                                      .chain_expiry_unix = 15,
                                                      .fingerprint_sha256 = "93a4",
                                                      .subject = "CN=www",
                                                      .issuer = "CN=ca",
                                                      .dns_names = {"www.example", "192.0.2.1"},
                                                      .version = "TLSv1.3",
                                                      .cipher = "TLS_AES_256_GCM_SHA384"});
  write_summary(http, changed.outcome);
  const auto last = only_result(new_counted<const probe_result>(std::move(changed)));
  CAF_CHECK_EQUAL(last.at("http").at("version").get<std::string>(), "HTTP/1.1");
  CAF_CHECK_EQUAL(last.at("http").at("tls").dump(),
                  R"({"version":"TLSv1.3","cipher":"TLS_AES_256_GCM_SHA384","subject":"CN=www",)"
                  R"("issuer":"CN=ca","dns_names":["www.example","192.0.2.1"],"expiry_unix":20,)"
                  R"("earliest_expiry_unix":10,"chain_expiry_unix":15,)"
                  R"("fingerprint_sha256":"93a4"})");
}

CAF_TEST(a probe that was asked for is told with its steps and certificates) {
  auto result = *sample::http_ok(sample::http_uid("https://www.example/"));
  auto http = http::read_summary(result.outcome);
  tls_summary tls;
  tls.subject = "CN=www";
  tls.chain = {{"CN=www", "CN=ca", {"www.example"}, 5, 20, "EC 256", "93a4"}};
  http.tls = std::make_shared<const tls_summary>(std::move(tls));
  write_summary(http, result.outcome);
  probe_answer answer;
  answer.module =
      std::make_shared<const module_config>(module_config{kinds::http(), agent_config{}});
  answer.outcome = result.outcome;
  answer.story.first_address = "192.0.2.1";
  answer.story.lines = {{milliseconds{2}, "Connected", {{"address", "192.0.2.1"}}}};
  probe_question question;
  question.module = "http";
  const auto out = json::parse(probe_answer_json(question, answer, sample::presenters()));
  CAF_CHECK_EQUAL(out.at("module").get<std::string>(), "http");
  CAF_CHECK_EQUAL(out.at("listed").get<bool>(), false);
  CAF_CHECK_EQUAL(out.at("first_address").get<std::string>(), "192.0.2.1");
  CAF_CHECK_EQUAL(out.at("steps").dump(),
                  R"([{"at_ms":2.0,"text":"Connected","fields":{"address":"192.0.2.1"}}])");
  CAF_CHECK_EQUAL(out.at("result").at("http").at("tls").at("chain").dump(),
                  R"([{"subject":"CN=www","issuer":"CN=ca","dns_names":["www.example"],)"
                  R"("not_before_unix":5,"not_after_unix":20,"key":"EC 256",)"
                  R"("fingerprint_sha256":"93a4"}])");
}

CAF_TEST(a story has its counters and histories) {
  target_story story;
  story.uid = sample::icmp_uid("10.1.2.4");
  story.state = "failing";
  story.ticks = 10;
  story.skipped_busy = 1;
  story.started = 9;
  story.succeeded = 5;
  story.failed = 3;
  story.local_errors = 1;
  story.probing = true;
  story.last = sample::icmp_failed(story.uid);
  story.results = {story.last, sample::icmp_ok(story.uid)};
  story.failures = {story.last};
  const auto out = json::parse(target_json(story, sample::presenters()));
  CAF_CHECK_EQUAL(out.at("counters").dump(), R"({"ticks":10,"skipped_busy":1,"started":9,)"
                                             R"("succeeded":5,"failed":3,"local_errors":1})");
  CAF_CHECK_EQUAL(out.at("probing").get<bool>(), true);
  CAF_CHECK_EQUAL(out.at("results").size(), 2u);
  CAF_CHECK_EQUAL(out.at("failures").size(), 1u);
  CAF_CHECK_EQUAL(out.at("results")[1].at("success").get<bool>(), true);
}

} // namespace targets_json_suite
