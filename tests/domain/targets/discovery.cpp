#define CAF_SUITE discovery

#include "xprober/domain/targets/discovery.hpp"

#include "caf/test/unit_test.hpp"

namespace discovery_suite {

using namespace xprober;

namespace {

using strings = std::vector<std::string>;

std::vector<target_entry> entries(const std::vector<discovered_group>& groups,
                                  const discovery_defaults& defaults = {}) {
  auto found = entries_of(groups, defaults, "f.json");
  CAF_CHECK_EQUAL(found.error, "");
  return found.entries;
}

} // namespace

CAF_TEST(labels say how and from where targets are probed) {
  const auto found = entries(
      {{{"10.0.0.1"},
        {{"prober_type", "icmp"}, {"region", "r1"}, {"source_regions", "a, b,,c "}, {"team", "x"}},
        3}});
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  CAF_CHECK_EQUAL(found[0].prober_type, "icmp");
  CAF_CHECK_EQUAL(found[0].region, "r1");
  CAF_CHECK(found[0].source_regions == (strings{"a", "b", "c"}));
  CAF_CHECK(found[0].labels == (label_map{{"team", "x"}}));
  CAF_CHECK_EQUAL(found[0].line, 3);
  CAF_CHECK_EQUAL(found[0].origin, "f.json");
}

CAF_TEST(without a type the form of each target decides) {
  const auto found =
      entries({{{"http://a/", "10.0.0.1", "HTTPS://b/", "host.example", "https://"}, {}, 1}},
              {"", "r", {}, {}});
  CAF_REQUIRE_EQUAL(found.size(), 2u);
  CAF_CHECK_EQUAL(found[0].prober_type, "http");
  CAF_CHECK(found[0].target == (strings{"http://a/", "HTTPS://b/"}));
  CAF_CHECK_EQUAL(found[1].prober_type, "icmp");
  CAF_CHECK(found[1].target == (strings{"10.0.0.1", "host.example", "https://"}));
}

CAF_TEST(a source can share its targets among agents) {
  discovery_defaults defaults{"", "r", {}, {}};
  CAF_CHECK(!entries({{{"10.0.0.1"}, {}, 1}}, defaults).at(0).sharding);
  defaults.sharding = true;
  const auto found = entries({{{"10.0.0.1", "http://a/"}, {{"sharding", "false"}}, 1}}, defaults);
  CAF_REQUIRE_EQUAL(found.size(), 2u);
  CAF_CHECK(found[0].sharding);
  CAF_CHECK(found[1].sharding);
  CAF_CHECK(found[0].labels == (label_map{{"sharding", "false"}}));
}

CAF_TEST(the type comes from the first of its labels and else from the default) {
  const discovery_defaults defaults{"http", "r", {}, {}};
  const auto type_of = [&](const label_map& labels) {
    return entries({{{"a"}, labels, 1}}, defaults).at(0).prober_type;
  };
  CAF_CHECK_EQUAL(type_of({{"__param_module", "m"}}), "m");
  CAF_CHECK_EQUAL(type_of({{"__param_module", "m"}, {"__module__", "n"}}), "n");
  CAF_CHECK_EQUAL(type_of({{"__module__", "n"}, {"prober_type", "icmp"}}), "icmp");
  const auto found = entries({{{"a"}, {}, 1}}, defaults);
  CAF_CHECK_EQUAL(found[0].prober_type, "http");
  CAF_CHECK(found[0].labels.empty());
}

CAF_TEST(labels of a group come before defaults) {
  const discovery_defaults defaults{"", "r", {"s"}, {{"team", "d"}, {"env", "prod"}}};
  const auto found =
      entries({{{"a"}, {{"team", "x"}, {"region", "own"}, {"target", "t"}}, 1}}, defaults);
  CAF_CHECK_EQUAL(found[0].region, "own");
  CAF_CHECK(found[0].source_regions == strings{"s"});
  CAF_CHECK(found[0].labels ==
            (label_map{{"env", "prod"}, {"exported_target", "t"}, {"team", "x"}}));
}

CAF_TEST(a group that cannot be probed is left out and named) {
  const auto found = entries_of({{{"a"}, {{"region", "r"}}, 1},
                                 {{"b"}, {}, 9},
                                 {{"c"}, {{"region", "r\xC2\x85"}}, 11},
                                 {{"d"}, {{"region", "r"}, {"prober_type", "x y"}}, 12},
                                 {{"e"}, {{"region", "r"}, {"source_regions", " s ,t"}}, 13},
                                 {{"f"}, {{"region", "r"}, {"source_regions", "s,t\x01u"}}, 14}},
                                {}, "f.yml");
  CAF_CHECK_EQUAL(found.error, "");
  CAF_CHECK_EQUAL(found.entries.size(), 2u);
  CAF_CHECK(found.entries.back().source_regions == (strings{"s", "t"}));
  CAF_CHECK_EQUAL(found.bad.count, 4u);
  CAF_REQUIRE_EQUAL(found.bad.named.size(), 4u);
  CAF_CHECK(found.bad.named[0].starts_with("f.yml:9: the group has no region; allowed is"));
  CAF_CHECK(found.bad.named[1].starts_with("f.yml:11: region (no clean UTF-8 text) is not a"));
  CAF_CHECK(found.bad.named[2].starts_with("f.yml:12: prober_type 'x y' cannot be used"));
  CAF_CHECK(found.bad.named[3].starts_with("f.yml:14: source_regions: (no clean"));
}

CAF_TEST(a label with a meaning that is blank stands for no default) {
  const discovery_defaults defaults{"icmp", "r", {"s"}, {}};
  const auto found = entries_of({{{"a"}, {{"region", " "}}, 1},
                                 {{"b"}, {{"source_regions", " , "}}, 2},
                                 {{"c"}, {{"__module__", "\t"}}, 3},
                                 {{"d"}, {{"region", ""}, {"team", " "}}, 4}},
                                defaults, "f.yml");
  CAF_CHECK_EQUAL(found.entries.size(), 1u);
  CAF_CHECK(found.bad.named ==
            (strings{"f.yml:1: label region is blank; fill it or remove it",
                     "f.yml:2: label source_regions is blank; fill it or remove it",
                     "f.yml:3: label __module__ is blank; fill it or remove it"}));
}

CAF_TEST(a list of which nothing is left is an error) {
  const auto found = entries_of({{{"a"}, {}, 1}, {{"b"}, {}, 9}}, {}, "f.yml");
  CAF_CHECK(found.error.starts_with("f.yml:1: the group has no region; allowed is"));
}

CAF_TEST(what was left out is counted and the first are named) {
  left_out all;
  left_out more;
  for (int i = 0; i < 8; ++i) {
    all.add("a");
    more.add("b");
  }
  all.add(more);
  CAF_CHECK_EQUAL(all.count, 16u);
  CAF_REQUIRE_EQUAL(all.named.size(), left_out::max_named);
  CAF_CHECK(all.named[7] == "a" && all.named[8] == "b");
}

CAF_TEST(a group without targets is no entry) {
  CAF_CHECK(
      entries({{{}, {{"region", "r"}, {"prober_type", "icmp"}}, 1}, {{}, {{"region", "r"}}, 2}})
          .empty());
}

CAF_TEST(labels are checked) {
  CAF_CHECK_EQUAL(label_problem("a_b", "x y \xC3\xA4"), "");
  CAF_CHECK(label_problem("a-b", "x").find("\"a-b\" is not a label's name; allowed are") == 0);
  CAF_CHECK(label_problem("\xFF", "x").find("something is not a label's name") == 0);
  CAF_CHECK_EQUAL(label_problem("a", std::string_view{"\t\n\r\0\x1B\xC2\x85", 7}), "");
  CAF_CHECK(label_problem("a", "\xFF").find("not UTF-8 text") != std::string::npos);
  CAF_CHECK(is_label_kept("_a") && is_label_kept("__module__") && is_label_kept("__param_module"));
  CAF_CHECK(!is_label_kept("__meta_a/b") && !is_label_kept("__address__"));
  CAF_CHECK(label_problem("a", std::string(1025, 'x')).find("at most 1024") != std::string::npos);
}

} // namespace discovery_suite
