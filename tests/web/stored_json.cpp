#define CAF_SUITE stored_json

#include "xprober/web/stored_json.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "web/sample.hpp"
#include "xprober/web/json.hpp"

#include "caf/test/unit_test.hpp"

namespace stored_json_suite {

using namespace xprober;
using namespace xprober::web;

namespace {

/// All targets as one page.
store_snapshot page_of(store_snapshot store) {
  store.total = store.matching = store.left = store.targets.size();
  return store;
}

json listed(const target_question& question = {}) {
  return json::parse(stored_targets_json(page_of(sample::store_with_targets()), question));
}

store_snapshot page_of_one(std::vector<stored_target> rows) {
  store_snapshot page;
  page.targets = std::move(rows);
  return page_of(std::move(page));
}

} // namespace

CAF_TEST(targets have the values of their type) {
  const auto out = listed();
  CAF_CHECK_EQUAL(out.at("total").get<int>(), 4);
  CAF_CHECK_EQUAL(out.at("matching").get<int>(), 4);
  CAF_CHECK(out.at("next").is_null());
  const auto& icmp = out.at("targets")[0];
  CAF_CHECK_EQUAL(icmp.at("uid").get<std::string>(), uid_text(sample::icmp_uid("10.1.2.3")));
  CAF_CHECK_EQUAL(icmp.at("agent").get<std::string>(), "10.0.0.1");
  CAF_CHECK_EQUAL(icmp.at("time").get<std::string>(), "2026-01-02T03:04:01Z");
  CAF_CHECK_EQUAL(icmp.at("latency_ms").get<double>(), 31.25);
  CAF_CHECK_EQUAL(icmp.at("time_ms").get<double>(), 31.25);
  CAF_CHECK(!icmp.contains("phases_ms"));
  const auto& lost = out.at("targets")[1];
  CAF_CHECK(lost.at("latency_ms").is_null()); // the wire's -1 is no time
  CAF_CHECK(lost.at("time_ms").is_null());
  CAF_CHECK_EQUAL(lost.at("drop_rate").get<double>(), 100.0);
  CAF_CHECK_EQUAL(lost.at("loss_percent").get<double>(), 100.0);
  const auto& url = out.at("targets")[2];
  CAF_CHECK_EQUAL(url.at("phases_ms").at("connect").get<double>(), 90.25);
  CAF_CHECK_EQUAL(url.at("status").dump(), "200");
  CAF_CHECK_EQUAL(url.at("cert_expiry_unix").get<std::int64_t>(), sample::now_unix + 86'400);
  CAF_CHECK(!url.contains("latency_ms"));
  CAF_CHECK(!url.contains("redirects")); // not kept
  CAF_CHECK(out.at("targets")[3].at("cert_expiry_unix").is_null());
  CAF_CHECK(out.at("targets")[3].at("phases_ms").at("connect").is_null());
}

CAF_TEST(targets have their state and what led to it) {
  const auto out = listed();
  const auto& ok = out.at("targets")[0];
  CAF_CHECK_EQUAL(ok.at("state").get<std::string>(), "ok");
  CAF_CHECK_EQUAL(ok.at("since_unix").get<std::int64_t>(), sample::now_unix - 34);
  CAF_CHECK_EQUAL(ok.at("streak").get<int>(), 3);
  CAF_CHECK(ok.at("reason").is_null());
  CAF_CHECK(ok.at("failed_unix").is_null());
  const auto& failing = out.at("targets")[1];
  CAF_CHECK_EQUAL(failing.at("state").get<std::string>(), "failing");
  CAF_CHECK_EQUAL(failing.at("reason").get<std::string>(), "refused");
  CAF_CHECK_EQUAL(failing.at("phase").get<std::string>(), "connect");
  CAF_CHECK_EQUAL(failing.at("detail").get<std::string>(), "connecting: refused");
  CAF_CHECK_EQUAL(failing.at("failed_unix").get<std::int64_t>(), sample::now_unix - 5);
}

CAF_TEST(what is well again does not tell the reason of its last failure) {
  auto row = sample::store_with_targets().targets[0];
  row.status.reason = "refused";
  row.status.failed_unix = 17;
  const auto out = json::parse(stored_targets_json(page_of_one({row}), {})).at("targets")[0];
  CAF_CHECK(out.at("reason").is_null());
  CAF_CHECK_EQUAL(out.at("failed_unix").get<int>(), 17);
}

CAF_TEST(a target without a result has no time) {
  auto row = sample::store_with_targets().targets[0];
  row.status = {};
  row.unix_seconds = 0;
  const auto out = json::parse(stored_targets_json(page_of_one({row}), {})).at("targets")[0];
  CAF_CHECK_EQUAL(out.at("state").get<std::string>(), "never");
  CAF_CHECK(out.at("since_unix").is_null());
  CAF_CHECK(out.at("time_unix").is_null());
}

CAF_TEST(a target that was never reported says why) {
  stored_target row;
  row.source_region = "mars";
  row.target = sample::icmp_uid("10.1.2.9");
  row.kind = hold_kind(kinds::icmp());
  row.status.since_unix = 17;
  row.status.reason = "no_agent";
  row.status.detail = "no agent has that region";
  const auto line = json::parse(stored_targets_json(page_of_one({row}), {})).at("targets")[0];
  CAF_CHECK_EQUAL(line.at("state").get<std::string>(), "never");
  CAF_CHECK_EQUAL(line.at("since_unix").get<int>(), 17);
  CAF_CHECK_EQUAL(line.at("reason").get<std::string>(), "no_agent");
  CAF_CHECK_EQUAL(line.at("detail").get<std::string>(), "no agent has that region");
  CAF_CHECK_EQUAL(line.at("agent").get<std::string>(), "");
  CAF_CHECK(line.at("time").is_null());
  CAF_CHECK(line.at("latency_ms").is_null());
  const auto story = json::parse(target_story_json(page_of_one({row}), {}, {}));
  CAF_CHECK_EQUAL(story.at("target").get<std::string>(), "10.1.2.9");
  CAF_CHECK_EQUAL(story.at("sources")[0].at("state").get<std::string>(), "never");
  CAF_CHECK(story.at("certificate").is_null());
}

CAF_TEST(targets have their labels) {
  target_labels::builder builder;
  const std::vector<std::string> addresses{"10.1.2.3"};
  builder.add(kinds::icmp(), sample::icmp_uid("10.1.2.3").region, addresses, {{"team", "a"}});
  target_question question;
  question.labels = builder.finish();
  const auto out = listed(question).at("targets");
  CAF_CHECK_EQUAL(out[0].at("labels").dump(), R"({"team":"a"})");
  CAF_CHECK_EQUAL(out[1].at("labels").dump(), "{}");
}

CAF_TEST(a page that is not the last one says where it goes on) {
  auto page = page_of(sample::store_with_targets());
  page.left = 5;
  const auto out = json::parse(stored_targets_json(page, {}));
  CAF_CHECK(!out.at("next").get<std::string>().empty());
}

CAF_TEST(a kind that is in no table has its columns by their keys) {
  const auto all = json::parse(stored_targets_json(page_of(sample::store_with_toys()), {}));
  const auto& ok = all.at("targets")[4];
  CAF_CHECK_EQUAL(ok.at("probe_type").get<std::string>(), "toy");
  CAF_CHECK_EQUAL(ok.at("state").get<std::string>(), "ok");
  CAF_CHECK_EQUAL(ok.at("phases_ms").dump(), R"({"wind":2.0,"spin":4.0})");
  CAF_CHECK_EQUAL(ok.at("time_ms").get<double>(), 6.0);
  CAF_CHECK(ok.at("loss_percent").is_null());
  CAF_CHECK_EQUAL(ok.at("level").dump(), "7");
  CAF_CHECK(!ok.contains("noise"));
  const auto& failing = all.at("targets")[5];
  CAF_CHECK_EQUAL(failing.at("probe_type").get<std::string>(), "module");
  CAF_CHECK_EQUAL(failing.at("phases_ms").dump(), R"({"wind":3.0,"spin":null})");
  CAF_CHECK(failing.at("time_ms").is_null()); // one phase alone is not what it took
  CAF_CHECK(failing.at("level").is_null());
}

CAF_TEST(a story describes the columns of a kind that is in no table) {
  const auto row =
      sample::stored("cn-north", "10.0.0.1", {"r", "a:1", prober_name{"toy"}}, samples::toy_mesh(),
                     sample::now_unix, true, samples::toy_trip(8, 25).values);
  const auto out = json::parse(target_story_json(page_of_one({row}), {}, {}));
  CAF_CHECK_EQUAL(out.at("columns").dump(), R"([{"key":"lost","role":"loss","unit":"percent"},)"
                                            R"({"key":"trip_ms","role":"duration","unit":"ms"}])");
  CAF_CHECK_EQUAL(out.at("sources")[0].at("time_ms").get<double>(), 8.0);
  CAF_CHECK_EQUAL(out.at("sources")[0].at("loss_percent").get<double>(), 25.0);
}

CAF_TEST(a column cannot take the place of what every target has) {
  auto hostile = samples::toy();
  hostile.columns[3].key = "uid";
  const auto row = sample::stored("cn-north", "10.0.0.1", {"r", "a:1", prober_name{"toy"}}, hostile,
                                  sample::now_unix, true, samples::toy_success(1, 2, 3).values);
  const auto out = json::parse(stored_targets_json(page_of_one({row}), {})).at("targets")[0];
  CAF_CHECK_EQUAL(out.at("uid").get<std::string>(), uid_text(row.target));
}

CAF_TEST(a story has all sources side by side) {
  const auto url = sample::store_with_targets().targets[2];
  auto other = url;
  other.source_region = "cn-south";
  other.agent = "10.0.1.1";
  other.results = {{100, series_state::ok, 7.5F, 0, "", "", ""},
                   {115, series_state::failing, std::nullopt, 0, "refused", "connect", "no"}};
  other.values = samples::http_values({1, 2, 3, 4, 5}, 200, sample::now_unix + 3600);
  const std::vector<std::uint64_t> incidents{7, 9};
  const auto out = json::parse(target_story_json(page_of_one({url, other}), {}, incidents));
  CAF_CHECK_EQUAL(out.at("uid").get<std::string>(), uid_text(url.target));
  CAF_CHECK_EQUAL(out.at("target").get<std::string>(), "https://www.example/");
  CAF_CHECK_EQUAL(out.at("kind").get<std::string>(), "http");
  CAF_CHECK_EQUAL(out.at("sources")[0].at("failures").dump(), "[]");
  CAF_CHECK_EQUAL(out.at("labels").dump(), "{}");
  CAF_REQUIRE_EQUAL(out.at("sources").size(), 2u);
  CAF_CHECK_EQUAL(
      out.at("sources")[1].at("results").dump(),
      R"([{"time_unix":115,"state":"failing","time_ms":null,"loss_percent":0.0,"reason":"refused",)"
      R"("phase":"connect","detail":"no"},{"time_unix":100,"state":"ok","time_ms":7.5,)"
      R"("loss_percent":0.0,"reason":null,"phase":null,"detail":null}])");
  CAF_CHECK_EQUAL(out.at("sources")[1].at("source_region").get<std::string>(), "cn-south");
  CAF_CHECK_EQUAL(out.at("sources")[1].at("phases_ms").at("connect").get<double>(), 2.0);
  CAF_CHECK(!out.at("sources")[0].contains("uid"));
  CAF_CHECK_EQUAL(out.at("certificate").at("not_after_unix").get<std::int64_t>(),
                  sample::now_unix + 3600); // the first to end
  CAF_CHECK_EQUAL(out.at("incidents").dump(), "[7,9]");
}

CAF_TEST(a target without a certificate has none in its story) {
  const auto row = sample::store_with_targets().targets[0];
  const auto out = json::parse(target_story_json(page_of_one({row}), {}, {}));
  CAF_CHECK(out.at("certificate").is_null());
  CAF_CHECK_EQUAL(out.at("incidents").dump(), "[]");
}

CAF_TEST(lost agents are those that are lost since they were heard of) {
  auto agents = sample::agents();
  CAF_CHECK(lost_of(agents).empty());
  agents.agents[1].state = agent_state::lost;
  const auto lost = lost_of(agents);
  const auto* one = lost.find("cn-south", "10.0.1.1");
  CAF_REQUIRE(one != nullptr);
  CAF_CHECK_EQUAL(one->since_unix, static_cast<std::uint32_t>(sample::now_unix - 4));
  CAF_CHECK(lost.find("cn-north", "10.0.0.1") == nullptr);
}

} // namespace stored_json_suite
