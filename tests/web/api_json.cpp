#define CAF_SUITE api_json

#include "xprober/web/api_json.hpp"

#include "web/sample.hpp"
#include "xprober/web/json.hpp"

#include "caf/test/unit_test.hpp"

namespace api_json_suite {

using namespace xprober;
using namespace xprober::web;

namespace {

json targets(stored_filter filter) {
  return json::parse(stored_targets_json(sample::store_with_targets(), filter));
}

} // namespace

CAF_TEST(metrics of a matrix have names) {
  CAF_CHECK(parse_matrix_metric("latency") == matrix_metric::latency);
  CAF_CHECK(parse_matrix_metric("drop_rate") == matrix_metric::drop_rate);
  CAF_CHECK(parse_matrix_metric("success") == matrix_metric::success);
  CAF_CHECK(!parse_matrix_metric("Latency"));
}

CAF_TEST(regions are those of agents and results) {
  auto agents = sample::agents();
  agents.agents.push_back({{"us-east", "10.0.9.1"}, "", 1, 2, {}});
  const auto out = json::parse(regions_json(sample::store(), agents)).at("regions");
  CAF_REQUIRE_EQUAL(out.size(), 4u);
  CAF_CHECK_EQUAL(out[0].dump(),
                  R"({"region":"cn-north","agents":1,"pairs_as_source":3,"pairs_as_target":2})");
  CAF_CHECK_EQUAL(out[3].dump(),
                  R"({"region":"us-east","agents":1,"pairs_as_source":0,"pairs_as_target":0})");
}

CAF_TEST(a matrix has sources as rows and null where nothing is known) {
  const auto out = json::parse(matrix_json(sample::store(), "icmp", matrix_metric::latency));
  CAF_CHECK_EQUAL(out.at("metric").get<std::string>(), "latency");
  CAF_CHECK_EQUAL(out.at("unit").get<std::string>(), "ms");
  CAF_CHECK_EQUAL(out.at("regions").dump(), R"(["cn-north","cn-south","eu-west"])");
  CAF_CHECK_EQUAL(out.at("values").dump(),
                  "[[null,31.25,182.5],[31.0,null,null],[180.0,null,null]]");
  CAF_CHECK_EQUAL(out.at("targets").dump(), "[[null,20,10],[20,null,10],[20,null,null]]");
  CAF_CHECK_EQUAL(out.at("failing").dump(), "[[null,1,2],[0,null,10],[0,null,null]]");
}

CAF_TEST(a matrix shows loss and success too) {
  const auto loss = json::parse(matrix_json(sample::store(), "icmp", matrix_metric::drop_rate));
  CAF_CHECK_EQUAL(loss.at("values")[1][2].get<double>(), 100.0);
  const auto success = json::parse(matrix_json(sample::store(), "icmp", matrix_metric::success));
  CAF_CHECK_EQUAL(success.at("values").dump(), "[[null,1,1],[1,null,-1],[1,null,null]]");
}

CAF_TEST(an empty store has an empty matrix) {
  const auto out = json::parse(matrix_json({}, "icmp", matrix_metric::latency));
  CAF_CHECK_EQUAL(out.at("regions").dump(), "[]");
  CAF_CHECK_EQUAL(out.at("values").dump(), "[]");
}

CAF_TEST(targets have the values of their type) {
  const auto out = targets({});
  CAF_CHECK_EQUAL(out.at("total").get<int>(), 4);
  CAF_CHECK_EQUAL(out.at("matching").get<int>(), 4);
  const auto& icmp = out.at("targets")[0];
  CAF_CHECK_EQUAL(icmp.at("uid").get<std::string>(), uid_text(sample::icmp_uid("10.1.2.3")));
  CAF_CHECK_EQUAL(icmp.at("state").get<std::string>(), "ok");
  CAF_CHECK_EQUAL(icmp.at("agent").get<std::string>(), "10.0.0.1");
  CAF_CHECK_EQUAL(icmp.at("time").get<std::string>(), "2026-01-02T03:04:01Z");
  CAF_CHECK_EQUAL(icmp.at("latency_ms").get<double>(), 31.25);
  CAF_CHECK(!icmp.contains("phases_ms"));
  const auto& lost = out.at("targets")[1];
  CAF_CHECK(lost.at("latency_ms").is_null()); // the wire's -1 is no time
  CAF_CHECK_EQUAL(lost.at("drop_rate").get<double>(), 100.0);
  const auto& url = out.at("targets")[2];
  CAF_CHECK_EQUAL(url.at("phases_ms").at("connect").get<double>(), 90.25);
  CAF_CHECK_EQUAL(url.at("status").dump(), "200");
  CAF_CHECK_EQUAL(url.at("cert_expiry_unix").get<std::int64_t>(), sample::now_unix + 86'400);
  CAF_CHECK(!url.contains("latency_ms"));
  CAF_CHECK(!url.contains("redirects")); // not kept
  CAF_CHECK(out.at("targets")[3].at("cert_expiry_unix").is_null());
  CAF_CHECK(out.at("targets")[3].at("phases_ms").at("connect").is_null());
}

CAF_TEST(targets have their labels) {
  target_labels::builder builder;
  const std::vector<std::string> addresses{"10.1.2.3"};
  builder.add(kinds::icmp(), sample::icmp_uid("10.1.2.3").region, addresses, {{"team", "a"}});
  const auto labels = builder.finish();
  const auto out = json::parse(stored_targets_json(sample::store_with_targets(), {}, labels.get()))
                       .at("targets");
  CAF_CHECK_EQUAL(out[0].at("labels").dump(), R"({"team":"a"})");
  CAF_CHECK_EQUAL(out[1].at("labels").dump(), "{}");
}

CAF_TEST(targets are filtered and cut) {
  CAF_CHECK_EQUAL(targets({"cn-south", {}, "", "", 100}).at("matching").get<int>(), 2);
  CAF_CHECK_EQUAL(targets({{}, "eu-west", "icmp", "", 100}).at("matching").get<int>(), 1);
  CAF_CHECK_EQUAL(targets({{}, {}, "", "failing", 100}).at("matching").get<int>(), 2);
  CAF_CHECK_EQUAL(targets({"", {}, "", "", 100}).at("matching").get<int>(), 0);
  const auto cut = targets({{}, {}, "", "", 1});
  CAF_CHECK_EQUAL(cut.at("targets").size(), 1u);
  CAF_CHECK_EQUAL(cut.at("matching").get<int>(), 4);
}

CAF_TEST(a kind that is in no table has its columns by their keys) {
  const auto store = sample::store_with_toys();
  const auto out = json::parse(stored_targets_json(store, {{}, {}, "toy", "", 100}));
  CAF_CHECK_EQUAL(out.at("matching").get<int>(), 2);
  const auto& ok = out.at("targets")[0];
  CAF_CHECK_EQUAL(ok.at("probe_type").get<std::string>(), "toy");
  CAF_CHECK_EQUAL(ok.at("state").get<std::string>(), "ok");
  CAF_CHECK_EQUAL(ok.at("phases_ms").dump(), R"({"wind":2.0,"spin":4.0})");
  CAF_CHECK_EQUAL(ok.at("level").dump(), "7");
  CAF_CHECK(!ok.contains("noise"));
  const auto& failing = out.at("targets")[1];
  CAF_CHECK_EQUAL(failing.at("probe_type").get<std::string>(), "module");
  CAF_CHECK_EQUAL(failing.at("phases_ms").dump(), R"({"wind":3.0,"spin":null})");
  CAF_CHECK(failing.at("level").is_null());
}

CAF_TEST(a column cannot take the place of what every target has) {
  auto store = sample::store_with_targets();
  auto hostile = samples::toy();
  hostile.columns[3].key = "uid";
  store.targets = {sample::stored("cn-north", "10.0.0.1", {"r", "a:1", prober_name{"toy"}}, hostile,
                                  sample::now_unix, true, samples::toy_success(1, 2, 3).values)};
  const auto out = json::parse(stored_targets_json(store, {})).at("targets")[0];
  CAF_CHECK_EQUAL(out.at("uid").get<std::string>(), uid_text(store.targets[0].target));
}

CAF_TEST(a matrix can be of another kind of pairs) {
  const auto store = sample::store_with_toys();
  const auto out = json::parse(matrix_json(store, "toy_mesh", matrix_metric::latency));
  CAF_CHECK_EQUAL(out.at("probe_type").get<std::string>(), "toy_mesh");
  CAF_CHECK_EQUAL(out.at("regions").dump(), R"(["cn-north","cn-south"])");
  CAF_CHECK_EQUAL(out.at("values").dump(), "[[null,8.0],[null,null]]");
  CAF_CHECK_EQUAL(out.at("targets").dump(), "[[null,4],[null,null]]");
  const auto success = json::parse(matrix_json(store, "toy_mesh", matrix_metric::success));
  CAF_CHECK_EQUAL(success.at("unit").get<std::string>(), "1 or 0");
  CAF_CHECK_EQUAL(json::parse(matrix_json({}, "icmp", matrix_metric::success)).at("unit").dump(),
                  "\"1 or -1\"");
}

CAF_TEST(a failure that is told by no whole number is shown as it is) {
  for (const auto& [failed, told] : {std::pair{-0.5F, "-0.5"}, {-1e30F, "-1e+30"}, {-2.0F, "-2"}}) {
    auto kind = samples::toy_mesh();
    kind.failed = failed;
    store_snapshot store;
    store.kinds.push_back(sample::results_of(kind));
    sample::add_group(store.kinds[0], "a", "b", 1, 1, {});
    const auto out = json::parse(matrix_json(store, "toy_mesh", matrix_metric::success));
    CAF_CHECK_EQUAL(out.at("values")[0][1].dump(), told);
    CAF_CHECK_EQUAL(out.at("unit").get<std::string>(), "1 or " + std::string{told});
  }
}

CAF_TEST(there is no matrix of very many regions) {
  store_snapshot store;
  store.kinds.push_back(sample::results_of(samples::toy_mesh()));
  for (std::size_t i = 1; i < max_matrix_regions; ++i) {
    sample::add_group(store.kinds[0], "from", "r" + std::to_string(i), 1, 0, {{2, 8}});
  }
  CAF_CHECK(!matrix_problem(store, "toy_mesh"));
  sample::add_group(store.kinds[0], "from", "one more", 1, 0, {{2, 8}});
  CAF_CHECK(matrix_problem(store, "toy_mesh") ==
            "the matrix of toy_mesh has 1001 regions and is not made above 1000; ask for the "
            "targets of a region instead: "
            "/api/v1/targets?probe_type=toy_mesh&source_region=REGION");
  CAF_CHECK(!matrix_problem(store, "icmp"));
}

CAF_TEST(names of kinds are those of the table and of the results) {
  const auto store = sample::store_with_toys();
  CAF_CHECK(!kind_name_problem(store, "icmp"));
  CAF_CHECK(!kind_name_problem(store, "toy"));
  CAF_CHECK(!kind_name_problem({}, "http"));
  CAF_CHECK(!kind_name_problem(store, "toy_mesh", result_group::pair));
  const auto problem = kind_name_problem(store, "http", result_group::pair);
  CAF_REQUIRE(problem);
  CAF_CHECK_EQUAL(*problem, "probe_type must be one of icmp, toy_mesh, not \"http\"");
  CAF_CHECK(kind_name_problem({}, "toy"));
}

CAF_TEST(regions are those of results of every kind) {
  store_snapshot store;
  store.kinds.push_back(sample::results_of(samples::toy()));
  sample::add_group(store.kinds[0], "far", "a:1", 1, 0, {}, "near");
  const auto out = json::parse(regions_json(store, {})).at("regions");
  CAF_CHECK_EQUAL(out[0].dump(),
                  R"({"region":"far","agents":0,"pairs_as_source":1,"pairs_as_target":0})");
  CAF_CHECK_EQUAL(out[1].at("region").get<std::string>(), "near");
}

CAF_TEST(agents have their times) {
  const auto out = json::parse(agents_json(sample::agents())).at("agents");
  CAF_REQUIRE_EQUAL(out.size(), 2u);
  CAF_CHECK_EQUAL(out[0].dump(),
                  R"({"region":"cn-north","local_ip":"10.0.0.1","peer":"203.0.113.5:40212",)"
                  R"("first_seen":"2026-01-02T01:07:25Z","first_seen_unix":1767316045,)"
                  R"("last_seen":"2026-01-02T03:04:03Z","last_seen_unix":1767323043,)"
                  R"("clock_skew_ms":1250})");
  CAF_CHECK(out[1].at("clock_skew_ms").is_null());
}

} // namespace api_json_suite
