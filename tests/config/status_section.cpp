#define CAF_SUITE status_section

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "xprober/config/load.hpp"

#include "caf/test/unit_test.hpp"

namespace status_section_suite {

using namespace xprober;
using namespace xprober::config;

namespace {

std::string problems_of_status(std::string_view text) {
  return to_string(parse_server(text, "s.yaml").problems);
}

} // namespace

CAF_TEST(groups of the status page and labels of regions are read) {
  const auto read = parse_server(R"(region_labels:
  eu-west: {continent: europe, cloud: a}
  "us 1": {continent: america}
status:
  enabled: true
  title: Our services
  show_targets: true
  groups:
    - name: Shop
      match: {label.team: shop, target: "https://shop.example/*"}
    - {name: Europe, match: {region: "eu-*", probe_type: icmp}}
)",
                                 "s.yaml");
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  const status_config wanted{
      true,
      "Our services",
      true,
      {{"Shop", {{"label.team", "shop"}, {"target", "https://shop.example/*"}}},
       {"Europe", {{"probe_type", "icmp"}, {"region", "eu-*"}}}}};
  CAF_CHECK(read.value.status == wanted);
  const std::map<std::string, label_map> labels{
      {"eu-west", {{"cloud", "a"}, {"continent", "europe"}}}, {"us 1", {{"continent", "america"}}}};
  CAF_CHECK(read.value.region_labels == labels);
}

CAF_TEST(what is wrong with them is named with file and line and key) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"region_labels: 5", "s.yaml:1: region_labels: is a single value"},
      {"region_labels: {eu: 5}", "region_labels.eu: is a single value"},
      {"region_labels: {eu: {a-b: c}}", "'a-b' is not a label name"},
      {"status: {enabled: true}", "s.yaml:1: status.enabled: shows nothing without groups"},
      {"status:\n  groups:\n    - {name: a}", "s.yaml:3: status.groups[0].match: is missing"},
      {"status: {groups: [{name: a, match: {}}]}", "status.groups[0].match: matches nothing"},
      {"status: {groups: [{name: a, match: {state: ok}}]}",
       "'state' is not a matcher; allowed are"},
      {"status: {groups: [{name: a, match: {region: b}}, {name: a, match: {region: c}}]}",
       "status.groups[1].name: is named before"},
      {"status: {groups: [a]}", "status.groups[0]: is a single value"},
      {"status: {shown: true}", "status.shown: is not a known key"}};
  for (const auto& [text, expected] : cases) {
    const auto told = problems_of_status(text);
    CAF_MESSAGE(told);
    CAF_CHECK(told.find(expected) != std::string::npos);
  }
}

} // namespace status_section_suite
