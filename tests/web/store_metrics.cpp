#define CAF_SUITE store_metrics

#include "xprober/web/store_metrics.hpp"

#include <cstddef>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "web/sample.hpp"
#include "xprober/web/group_metrics.hpp"
#include "xprober/web/server_metrics.hpp"

#include "caf/test/unit_test.hpp"

namespace store_metrics_suite {

using namespace xprober;
using namespace xprober::web;

namespace {

bool has(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

/// True if a family stands twice, or a series.
bool repeats(const std::string& text) {
  std::set<std::string> seen;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto what = line.starts_with("# TYPE ") ? line.substr(0, line.find(' ', 7))
                      : line.starts_with("#")     ? line
                                                  : line.substr(0, line.rfind(' '));
    if (!seen.insert(what).second) {
      return true;
    }
  }
  return false;
}

std::string groups_of(const store_snapshot& store) {
  prometheus_text out;
  append_group_metrics(out, store);
  return out.take();
}

std::string targets_of(const store_snapshot& store) {
  prometheus_text out;
  append_stored_targets(out, store, nullptr);
  return out.take();
}

/// The same kind with an other description in one place.
template <class Change>
probe_kind toy_with(Change change) {
  auto kind = samples::toy();
  change(kind);
  return kind;
}

} // namespace

CAF_TEST(a kind that is in no table has its old names by address) {
  const auto text = groups_of(sample::store_with_toys());
  CAF_CHECK(has(text, R"(toy_up{source_region="cn-north",addr="a:1"} 1)"));
  CAF_CHECK(has(text, R"(toy_up{source_region="cn-north",addr="b:1"} 0)"));
  CAF_CHECK(has(text, R"(toy_wind_ms{source_region="cn-north",addr="a:1"} 2)"));
  CAF_CHECK(has(text, "# HELP toy_wind_ms Mean wind of toy from a region to an address, in ms."));
  CAF_CHECK(has(text, "# TYPE toy_wind_ms gauge"));
  CAF_CHECK_EQUAL(count(text, "toy_mesh"), 0u); // has no old names
  CAF_CHECK(!repeats(text));
}

CAF_TEST(a kind that is in no table has its conventional names by target) {
  const auto text = targets_of(sample::store_with_toys());
  const std::string ok = R"({source_region="cn-north",agent="10.0.0.1",target="a:1",)"
                         R"(target_region="eu-west",probe_type="toy")";
  const std::string failing = R"({source_region="cn-north",agent="10.0.0.2",target="b:1",)"
                              R"(target_region="eu-west",probe_type="module")";
  CAF_CHECK(has(text, "probe_success" + ok + "} 1"));
  CAF_CHECK(has(text, "probe_success" + failing + "} 0"));
  CAF_CHECK(has(text, "probe_toy_duration_seconds" + ok + ",phase=\"wind\"} 0.002"));
  CAF_CHECK(has(text, "probe_toy_duration_seconds" + ok + ",phase=\"spin\"} 0.004"));
  CAF_CHECK(has(text, "probe_toy_level" + ok + "} 7"));
  CAF_CHECK(has(text, "probe_duration_seconds" + ok + "} 0.006"));
  CAF_CHECK_EQUAL(count(text, "probe_toy_level{"), 1u); // the other did not measure it
  CAF_CHECK_EQUAL(count(text, "probe_toy_noise"), 0u);  // not kept
  CAF_CHECK_EQUAL(count(text, "# TYPE probe_success "), 1u);
  CAF_CHECK(!repeats(text));
}

CAF_TEST(what was never reported has a state and a number and no value) {
  store_snapshot store;
  stored_target row;
  row.source_region = "mars";
  row.target = sample::icmp_uid("10.1.2.9");
  row.kind = hold_kind(kinds::icmp());
  row.status.since_unix = 17;
  row.status.reason = "no_agent";
  store.targets = {row};
  store.never = {{"icmp", row.kind, "mars", "cn-south", 3}};
  store.never_left_out = 2;
  prometheus_text out;
  append_never_probed(out, store);
  append_target_states(out, store, nullptr, {});
  append_stored_targets(out, store, nullptr);
  const auto text = out.take();
  CAF_CHECK(has(text, R"(xprober_never_probed{source_region="mars",target_region="cn-south",)"
                      R"(probe_type="icmp"} 3)"));
  CAF_CHECK_EQUAL(count(text, "\nxprober_probe_state{"), 1u);
  CAF_CHECK_EQUAL(count(text, R"(state="never"} 1)"), 1u);
  CAF_CHECK_EQUAL(count(text, R"(reason="no_agent"} 17)"), 1u);
  CAF_CHECK_EQUAL(count(text, "probe_success"), 0u);
  CAF_CHECK(has(text, "xprober_metrics_targets_omitted 2"));
}

CAF_TEST(beyond a limit what was never reported has its source alone) {
  std::vector<never_group> groups;
  for (std::size_t i = 0; i < max_metric_groups + 2; ++i) {
    groups.push_back({"icmp", hold_kind(kinds::icmp()), "mars", std::to_string(1'000'000 + i), 3});
  }
  store_snapshot store;
  store.never = never_list{std::move(groups)};
  prometheus_text out;
  append_never_probed(out, store);
  const auto text = out.take();
  CAF_CHECK_EQUAL(count(text, "\nxprober_never_probed{"), max_metric_groups + 1);
  CAF_CHECK(has(text, R"(xprober_never_probed{source_region="mars",target_region="",)"
                      R"(probe_type="icmp"} 6)"));
}

CAF_TEST(status and certificate are kept) {
  const auto text = targets_of(sample::store_with_targets());
  const std::string url = R"({source_region="cn-north",agent="10.0.0.1",)"
                          R"(target="https://www.example/",target_region="eu-west",)"
                          R"(probe_type="http"} )";
  CAF_CHECK(has(text, "probe_http_status_code" + url + "200"));
  CAF_CHECK(has(text, "probe_ssl_earliest_cert_expiry" + url +
                          std::to_string(sample::now_unix + 86'400)));
}

CAF_TEST(versions of a kind share its families) {
  store_snapshot store;
  store.kinds.push_back(sample::results_of(samples::toy()));
  sample::add_group(store.kinds[0], "a", "w:1", 1, 1, {});
  sample::add_group(store.kinds[0], "a", "x:1", 1, 1, {{1, 2}});
  store.kinds.push_back(
      sample::results_of(toy_with([](probe_kind& k) { k.columns[3].key = "height"; })));
  sample::add_group(store.kinds[1], "a", "w:1", 1, 1, {});
  sample::add_group(store.kinds[1], "a", "x:1", 1, 0, {{1, 9}});
  sample::add_group(store.kinds[1], "a", "y:1", 1, 0, {{1, 3}});
  const auto text = groups_of(store);
  CAF_CHECK(has(text, R"(toy_wind_ms{source_region="a",addr="x:1"} 5.5)"));
  CAF_CHECK(has(text, R"(toy_wind_ms{source_region="a",addr="y:1"} 3)"));
  CAF_CHECK(has(text, R"(toy_up{source_region="a",addr="w:1"} 0)"));
  CAF_CHECK(has(text, R"(toy_up{source_region="a",addr="x:1"} 1)"));
  CAF_CHECK_EQUAL(count(text, "toy_wind_ms{"), 2u);
  CAF_CHECK(!repeats(text));
}

CAF_TEST(versions of a kind with another unit or another meaning are not added up) {
  store_snapshot store;
  store.kinds.push_back(sample::results_of(samples::toy()));
  sample::add_group(store.kinds[0], "a", "x:1", 1, 0, {{1, 2}});
  store.kinds.push_back(
      sample::results_of(toy_with([](probe_kind& k) { k.columns[1].unit = "seconds"; })));
  sample::add_group(store.kinds[1], "a", "x:1", 1, 0, {{1, 9}});
  store.kinds.push_back(sample::results_of(
      toy_with([](probe_kind& k) { std::swap(k.columns[0].old_name, k.columns[1].old_name); })));
  sample::add_group(store.kinds[2], "a", "x:1", 1, 1, {{1, 7}});
  const auto text = groups_of(store);
  CAF_CHECK(has(text, R"(toy_wind_ms{source_region="a",addr="x:1"} 2)"));
  CAF_CHECK(has(text, R"(toy_up{source_region="a",addr="x:1"} 1)"));
  CAF_CHECK(!repeats(text));
}

CAF_TEST(what a kind tells a failure by is said as it is) {
  for (const auto& [failed, told] : {std::pair{-1e30F, "-1e+30"}, {-0.5F, "-0.5"}, {0.0F, "0"}}) {
    store_snapshot store;
    const float value = failed;
    store.kinds.push_back(
        sample::results_of(toy_with([value](probe_kind& k) { k.failed = value; })));
    sample::add_group(store.kinds[0], "a", "x:1", 1, 1, {});
    CAF_CHECK(has(groups_of(store), "# HELP toy_up 1 unless every agent of the region fails in "
                                    "probes of toy, then " +
                                        std::string{told} + "."));
  }
}

CAF_TEST(a name belongs to the kind that is first) {
  store_snapshot store;
  store.kinds.push_back(sample::results_of(samples::toy()));
  sample::add_group(store.kinds[0], "a", "x:1", 1, 0, {{1, 2}});
  store.kinds.push_back(sample::results_of(toy_with([](probe_kind& k) { k.name = "zoo"; })));
  sample::add_group(store.kinds[1], "a", "z:1", 1, 0, {{1, 4}});
  const auto text = groups_of(store);
  CAF_CHECK_EQUAL(count(text, "x:1"), 2u);
  CAF_CHECK_EQUAL(count(text, "z:1"), 0u);
  CAF_CHECK(!repeats(text));
}

CAF_TEST(an old name and a conventional one are never one family) {
  const auto as_conventional = toy_with([](probe_kind& k) {
    k.name = "another";
    k.columns[3].name = "toy_wind_ms";
  });
  store_snapshot store;
  store.kinds.push_back(sample::results_of(samples::toy()));
  sample::add_group(store.kinds[0], "a", "x:1", 1, 0, {{1, 2}});
  store.targets.push_back(sample::stored("a", "w", {"r", "y:1", prober_name{"another"}},
                                         as_conventional, 1, true,
                                         samples::toy_success(1, 2, 3).values));
  prometheus_text out;
  append_group_metrics(out, store);
  append_stored_targets(out, store, nullptr);
  const auto text = out.take();
  CAF_CHECK_EQUAL(count(text, "toy_wind_ms{"), 1u);
  CAF_CHECK(has(text, R"(toy_wind_ms{source_region="a",addr="x:1"} 2)"));
  CAF_CHECK(!repeats(text));
}

CAF_TEST(a kind cannot take a name of the program or of a built in kind) {
  const auto hostile = toy_with([](probe_kind& k) {
    k.columns[0].old_name = "xprober_agents";
    k.columns[1].old_name = "ping_latency_millonseconds";
    k.columns[2].old_name = "process_open_fds";
    k.columns[3].name = "xprober_stored_series";
    k.columns[3].old_name = "probe_success";
  });
  auto store = sample::store_with_targets();
  store.kinds.push_back(sample::results_of(hostile));
  sample::add_group(store.kinds.back(), "a", "x:1", 1, 0, {{1, 2}, {2, 3}});
  store.targets.push_back(sample::stored("a", "w", {"r", "y:1", prober_name{"toy"}}, hostile, 1,
                                         true, samples::toy_success(1, 2, 3).values));
  const auto text = server_metrics(sample::server_stats(), store, sample::agents());
  CAF_CHECK(!repeats(text));
  CAF_CHECK_EQUAL(count(text, "addr=\"x:1\""), count(text, "addr=\"x:1\",probe_type="));
  CAF_CHECK_EQUAL(count(text, "xprober_agents"), 3u); // HELP, TYPE and the one series
  // What it may say, it says.
  CAF_CHECK_EQUAL(count(text, "target=\"y:1\""), 5u); // and state, two phases, whole duration
}

CAF_TEST(a target has its state and since when with the reason where it is not well) {
  prometheus_text out;
  append_target_states(out, sample::store_with_targets(), nullptr, {});
  const auto text = out.take();
  const std::string ok = R"({source_region="cn-north",agent="10.0.0.1",target="10.1.2.3",)"
                         R"(target_region="cn-south",probe_type="icmp")";
  const std::string failing = R"({source_region="cn-south",agent="10.0.1.1",target="10.9.9.9",)"
                              R"(target_region="eu-west",probe_type="icmp")";
  CAF_CHECK(has(text, "xprober_probe_state" + ok + ",state=\"ok\"} 1"));
  CAF_CHECK(has(text, "xprober_probe_state" + failing + ",state=\"failing\"} 1"));
  CAF_CHECK(has(text, "xprober_probe_state_since_seconds" + ok + "} 1767323011"));
  CAF_CHECK(
      has(text, "xprober_probe_state_since_seconds" + failing + ",reason=\"refused\"} 1767323010"));
  CAF_CHECK_EQUAL(count(text, "xprober_probe_state{"), 4u); // the present state alone
  CAF_CHECK(!repeats(text));
}

CAF_TEST(targets of a lost agent are stale in metrics) {
  prometheus_text out;
  append_target_states(out, sample::store_with_targets(), nullptr,
                       lost_agents{{{{"cn-south", "10.0.1.1"}, 99}}});
  const auto text = out.take();
  CAF_CHECK_EQUAL(count(text, "state=\"stale\"} 1"), 2u);
  CAF_CHECK_EQUAL(count(text, "state=\"failing\"} 1"), 0u);
  CAF_CHECK_EQUAL(count(text, "} 99\n"), 2u);
}

CAF_TEST(a label of a target cannot take the place of its state) {
  target_labels::builder builder;
  const std::vector<std::string> addresses{"10.1.2.3"};
  builder.add(kinds::icmp(), "cn-south", addresses, {{"state", "mine"}, {"team", "a"}});
  const auto labels = builder.finish();
  prometheus_text out;
  append_target_states(out, sample::store_with_targets(), labels.get(), {});
  const auto text = out.take();
  CAF_CHECK_EQUAL(count(text, "probe_type=\"icmp\",team=\"a\",state=\"ok\"} 1"), 1u);
  CAF_CHECK_EQUAL(count(text, "state=\"mine\",team=\"a\"} "), 1u); // since when
}

CAF_TEST(a kind cannot take the names of states) {
  const auto hostile = toy_with([](probe_kind& k) {
    k.columns[1].old_name = "xprober_probe_state";
    k.columns[3].name = "xprober_probe_state_since_seconds";
  });
  auto store = sample::store_with_targets();
  store.kinds.push_back(sample::results_of(hostile));
  sample::add_group(store.kinds.back(), "a", "x:1", 1, 0, {{1, 2}, {2, 3}});
  store.targets.push_back(sample::stored("a", "w", {"r", "y:1", prober_name{"toy"}}, hostile, 1,
                                         true, samples::toy_success(1, 2, 3).values));
  const auto text = server_metrics(sample::server_stats(), store, sample::agents());
  CAF_CHECK(!repeats(text));
  CAF_CHECK_EQUAL(count(text, "# TYPE xprober_probe_state "), 1u);
}

CAF_TEST(a thousand kinds are no trouble) {
  store_snapshot store;
  std::vector<kind_ptr> kinds;
  for (int i = 0; i < 1000; ++i) {
    kinds.push_back(hold_kind(toy_with([&](probe_kind& k) {
      k.name += std::to_string(i);
      k.columns[1].old_name += std::to_string(i);
    })));
    store.kinds.push_back(sample::results_of(*kinds.back()));
    sample::add_group(store.kinds.back(), "a", "x:" + std::to_string(i), 1, 0, {{1, 2}});
    store.targets.push_back(sample::stored("a", "w", {"r", "x:1", prober_name{kinds.back()->name}},
                                           *kinds.back(), 1, true,
                                           samples::toy_success(1, 2, 3).values));
  }
  const auto text = server_metrics(sample::server_stats(), store);
  CAF_CHECK(!repeats(text));
  CAF_CHECK_EQUAL(count(text, "# TYPE toy_wind_ms"), 1000u);
  CAF_CHECK_EQUAL(count(text, "\nprobe_success{"), 1000u);
}

} // namespace store_metrics_suite
