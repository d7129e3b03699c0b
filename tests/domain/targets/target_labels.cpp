#define CAF_SUITE target_labels

#include "xprober/domain/targets/target_labels.hpp"
#include "xprober/domain/kind_table.hpp"

#include <string>
#include <vector>

#include "xprober/domain/targets/target_catalog.hpp"

#include "caf/test/unit_test.hpp"

namespace target_labels_suite {

using namespace xprober;

namespace {

using map = std::map<std::string, std::string>;

const label_list team_a{{"team", "a"}};
const label_list team_b{{"team", "b"}};

target_entry entry(std::string type, std::vector<std::string> targets, label_map labels) {
  target_entry e;
  e.prober_type = std::move(type);
  e.region = "r";
  e.target = std::move(targets);
  e.labels = std::move(labels);
  return e;
}

target_labels_ptr labels_of(const std::vector<target_entry>& entries) {
  auto expanded = expand_targets(entries, 1000);
  CAF_REQUIRE(expanded.catalog != nullptr);
  return expanded.catalog->labels;
}

} // namespace

CAF_TEST(names of labels are those of Prometheus) {
  for (const auto* good : {"a", "A_9", "_x", "__meta_x"}) {
    CAF_CHECK(is_label_name(good));
  }
  for (const auto* bad : {"", "9a", "a-b", "a.b", "\xC3\xA4", "a b"}) {
    CAF_CHECK(!is_label_name(bad));
  }
}

CAF_TEST(names of our own are exported and internal ones go) {
  const map given{{"team", "a"},   {"__x", "1"},           {"empty", ""},
                  {"target", "t"}, {"source_region", "s"}, {"phase", "p"}};
  const map wanted{{"team", "a"},
                   {"exported_target", "t"},
                   {"exported_source_region", "s"},
                   {"exported_phase", "p"}};
  CAF_CHECK(series_labels(given) == wanted);
}

CAF_TEST(a label that is exported takes the name of no other) {
  const map given{{"agent", "a"}, {"exported_agent", "b"}};
  const map wanted{{"exported_agent", "b"}, {"exported_exported_agent", "a"}};
  CAF_CHECK(series_labels(given) == wanted);
}

CAF_TEST(without labels there is no table) {
  CAF_CHECK(labels_of({entry("icmp", {"10.0.0.1"}, {})}) == nullptr);
}

CAF_TEST(a name at a server of a module keeps the whole of it) {
  const auto table = labels_of({entry("dns_soa", {"a.example@192.0.2.53"}, {{"team", "a"}}),
                                entry("dns_soa", {"b.example@192.0.2.53"}, {{"team", "b"}}),
                                entry("post", {"http://me@host/"}, {{"team", "a"}})});
  CAF_REQUIRE(table != nullptr);
  const prober_name soa{"dns_soa"};
  const auto* a = table->find(target_uid{"r", "a.example@192.0.2.53", soa});
  const auto* b = table->find(target_uid{"r", "b.example@192.0.2.53", soa});
  CAF_REQUIRE(a != nullptr && b != nullptr);
  CAF_CHECK(*a == team_a);
  CAF_CHECK(*b == team_b);
  CAF_CHECK_EQUAL(table->conflicts(), 0u);
  CAF_CHECK(table->find(target_uid{"r", "http://host/", prober_name{"post"}}) != nullptr);
}

CAF_TEST(every address of a block has the labels) {
  const auto table =
      labels_of({entry("icmp", {"10.0.0.0/30"}, {{"team", "a"}}), entry("icmp", {"10.0.1.1"}, {})});
  CAF_REQUIRE(table != nullptr);
  CAF_CHECK_EQUAL(table->size(), 4u);
  const auto* found = table->find(target_uid{"r", "10.0.0.3", kinds::icmp()});
  CAF_REQUIRE(found != nullptr);
  CAF_CHECK(*found == team_a);
  CAF_CHECK(table->find(target_uid{"r", "10.0.1.1", kinds::icmp()}) == nullptr);
  CAF_CHECK(table->find(target_uid{"other", "10.0.0.3", kinds::icmp()}) == nullptr);
}

CAF_TEST(the first labels of a target count and conflicts are counted once) {
  const auto table = labels_of(
      {entry("icmp", {"10.0.0.1"}, {}), entry("icmp", {"10.0.0.1", "10.0.0.2"}, {{"team", "b"}}),
       entry("icmp", {"10.0.0.1"}, {{"team", "a"}}), entry("icmp", {"10.0.0.1"}, {{"team", "c"}}),
       entry("icmp", {"10.0.0.2"}, {{"team", "b"}})});
  CAF_REQUIRE(table != nullptr);
  CAF_CHECK_EQUAL(table->conflicts(), 1u);
  CAF_CHECK_EQUAL(table->size(), 2u);
  CAF_CHECK(*table->find(target_uid{"r", "10.0.0.1", kinds::icmp()}) == team_b);
}

CAF_TEST(a URL is found without its user as results have it) {
  const auto table = labels_of({entry("http", {"http://u:p@host/x"}, {{"team", "a"}})});
  CAF_REQUIRE(table != nullptr);
  CAF_CHECK(table->find(target_uid{"r", "http://host/x", kinds::http()}) != nullptr);
}

CAF_TEST(what others have written counts against the limit) {
  const std::vector<target_entry> two{entry("icmp", {"10.0.0.0/31"}, {})};
  const auto fits = expand_targets(two, 10, 8);
  CAF_REQUIRE(fits.catalog != nullptr);
  CAF_CHECK_EQUAL(fits.written, 2u);
  auto named = two;
  named[0].origin = "/x.json";
  named[0].line = 7;
  const auto refused = expand_targets(named, 10, 9);
  CAF_CHECK(refused.catalog == nullptr);
  CAF_CHECK(refused.error.starts_with("/x.json:7: target '10.0.0.0/31'"));
  CAF_CHECK(refused.error.find("makes them 11 in all; max_targets allows 10") != std::string::npos);
}

} // namespace target_labels_suite
