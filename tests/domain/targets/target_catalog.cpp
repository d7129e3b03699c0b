#define CAF_SUITE target_catalog

#include "xprober/domain/targets/target_catalog.hpp"
#include "xprober/domain/kind_table.hpp"

#include <string>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace target_catalog_suite {

using namespace xprober;

namespace {

using strings = std::vector<std::string>;

target_entry icmp(std::string region, strings targets, strings sources = {}, int line = 0) {
  return {"icmp", std::move(region), std::move(targets), std::move(sources), line};
}

target_entry http(std::string region, strings targets, strings sources = {}, int line = 0) {
  return {"http", std::move(region), std::move(targets), std::move(sources), line};
}

catalog_ptr expand(const std::vector<target_entry>& entries, std::uint64_t limit = 1000) {
  auto result = expand_targets(entries, limit);
  if (!result.catalog) {
    CAF_FAIL("refused: " << result.error);
  }
  CAF_CHECK(result.error.empty());
  return result.catalog;
}

std::string refusal(const std::vector<target_entry>& entries, std::uint64_t limit = 1000) {
  auto result = expand_targets(entries, limit);
  CAF_CHECK(result.catalog == nullptr);
  CAF_MESSAGE(result.error);
  return result.error;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST(addresses and names are kept as they are written) {
  const auto catalog = expand({icmp("eu", {"10.0.0.1", "host.example", "2001:DB8::1"})});
  CAF_REQUIRE_EQUAL(catalog->slices.size(), 1u);
  CAF_CHECK_EQUAL(catalog->slices[0].addresses,
                  (strings{"10.0.0.1", "host.example", "2001:DB8::1"}));
  CAF_CHECK_EQUAL(catalog->total(), 3u);
}

CAF_TEST(a block stands for every address in it) {
  const auto catalog = expand({icmp("eu", {"10.0.0.4/30", "2001:db8::/127"})});
  CAF_CHECK_EQUAL(catalog->slices[0].addresses, (strings{"10.0.0.4", "10.0.0.5", "10.0.0.6",
                                                         "10.0.0.7", "2001:db8::", "2001:db8::1"}));
}

CAF_TEST(http targets are urls or hosts) {
  const strings targets{"https://a.example/x", "a.example:8080/path", "a.example", "10.0.0.1"};
  const auto catalog = expand({http("eu", targets)});
  CAF_CHECK_EQUAL(catalog->slices[0].addresses, targets);
  CAF_CHECK_EQUAL(catalog->count.by_kind.at("http"), 4u);
  CAF_CHECK(!catalog->count.by_kind.contains("icmp"));
}

CAF_TEST(entries of one type region and sources are one slice) {
  const auto catalog = expand({icmp("eu", {"10.0.0.1"}), http("eu", {"http://a/"}),
                               icmp("eu", {"10.0.0.2"}), icmp("eu", {"10.0.0.3"}, {"us", "ap"}),
                               icmp("eu", {"10.0.0.4"}, {"ap", "us", "ap"})});
  CAF_REQUIRE_EQUAL(catalog->slices.size(), 3u);
  CAF_CHECK_EQUAL(catalog->slices[0].addresses, (strings{"10.0.0.1", "10.0.0.2"}));
  CAF_CHECK_EQUAL(catalog->slices[2].addresses, (strings{"10.0.0.3", "10.0.0.4"}));
  CAF_CHECK_EQUAL(catalog->slices[2].rule.source_regions, (strings{"ap", "us"}));
}

CAF_TEST(a target written twice counts once) {
  const auto catalog = expand({icmp("eu", {"10.0.0.1", "10.0.0.0/30", "10.0.0.1"}),
                               icmp("eu", {"10.0.0.2"}, {"us"}), icmp("us", {"10.0.0.1"})});
  CAF_CHECK_EQUAL(catalog->slices[0].addresses,
                  (strings{"10.0.0.1", "10.0.0.0", "10.0.0.2", "10.0.0.3"}));
  CAF_CHECK_EQUAL(catalog->total(), 5u); // 4 of eu, 1 of us
  CAF_CHECK_EQUAL(catalog->duplicates, 3u);
}

CAF_TEST(the limit refuses a block with its line and the numbers) {
  const auto error = refusal({icmp("eu", {"10.1.0.1"}, {}, 4), icmp("eu", {"10.0.0.0/8"}, {}, 7)});
  CAF_CHECK(contains(error, "line 7"));
  CAF_CHECK(contains(error, "10.0.0.0/8"));
  CAF_CHECK(contains(error, "16777216"));
  CAF_CHECK(contains(error, "16777217"));
  CAF_CHECK(contains(error, "max_targets allows 1000"));
}

CAF_TEST(the limit holds for the sum and at its very edge) {
  CAF_CHECK_EQUAL(expand({icmp("eu", {"10.0.0.0/30", "10.1.0.0/30"})}, 8)->total(), 8u);
  CAF_CHECK(!refusal({icmp("eu", {"10.0.0.0/30", "10.1.0.0/30"})}, 7).empty());
  CAF_CHECK(!refusal({icmp("eu", {"::/0", "::/0"})}).empty());
  CAF_CHECK(contains(refusal({icmp("eu", {"10.0.0.1", "::/0"})}), "more than"));
}

CAF_TEST(wrong entries are refused with what is wrong) {
  CAF_CHECK(contains(refusal({{"d n s", "eu", {"a"}, {}, 3}}), "line 3: prober_type 'd n s'"));
  CAF_CHECK(contains(refusal({icmp("", {"10.0.0.1"})}), "entry 1: region"));
  CAF_CHECK(contains(refusal({icmp("eu", {"10.0.0.1"}, {""})}), "source_regions"));
  CAF_CHECK(contains(refusal({icmp("eu", {"10.0.0.0/33"})}), "10.0.0.0/33"));
  CAF_CHECK(contains(refusal({icmp("eu", {""})}), "empty"));
  CAF_CHECK(
      contains(refusal({icmp("eu", {"http://a.example/"})}), "not a target for icmp: it is a URL"));
  CAF_CHECK(contains(refusal({http("eu", {"ftp://a.example/"})}), "ftp"));
  CAF_CHECK(
      contains(refusal({http("eu", {"ftp://u:secret@a.example/"})}), "'ftp://...@a.example/'"));
  CAF_CHECK(contains(refusal({icmp("eu", {"a b"})}), "a b"));
  CAF_CHECK(contains(refusal({http("eu", {"10.0.0.0/31"})}), "for icmp only"));
  CAF_CHECK(contains(refusal({{"tcp", "eu", {"host.example"}, {}, 3}}), "is not a target for tcp"));
  CAF_CHECK(contains(refusal({{"tls", "eu", {"10.0.0.0/24"}, {}, 3}}), "is not a target for tls"));
  CAF_CHECK(contains(refusal({http("eu", {"http://a/" + std::string(3000, 'x')})}), "2048"));
  CAF_CHECK(!contains(refusal({icmp("eu", {"\x1B[2J"})}), "\x1B"));
}

CAF_TEST(a target of a discovered list that cannot be used is left out and named) {
  auto found = icmp("eu", {"10.0.0.1", "a b", "10.0.0.2"}, {}, 7);
  found.origin = "/etc/t.json";
  for (int i = 0; i < 6; ++i) {
    found.target.emplace_back("300.1.1." + std::to_string(i));
  }
  const auto catalog = expand({found, icmp("us", {"10.0.0.3"})});
  CAF_CHECK_EQUAL(catalog->total(), 3u);
  CAF_CHECK_EQUAL(catalog->bad.count, 7u);
  CAF_REQUIRE_EQUAL(catalog->bad.first.size(), bad_targets::most_named);
  CAF_CHECK(
      contains(catalog->bad.first[0], "/etc/t.json:7: target 'a b' is not a target for icmp"));
  CAF_MESSAGE("too many of them are refused all the same");
  found.target = {"10.0.0.0/8"};
  CAF_CHECK(contains(refusal({found}), "max_targets allows 1000"));
}

CAF_TEST(nothing configured is a catalog of nothing) {
  CAF_CHECK_EQUAL(expand({})->total(), 0u);
  CAF_CHECK_EQUAL(expand({icmp("eu", {})})->total(), 0u);
}

CAF_TEST(source regions replace the rule of the type) {
  target_slice slice{kinds::icmp(), "eu", {}, {}};
  CAF_CHECK(!slice.probed_from("eu"));
  CAF_CHECK(slice.probed_from("us"));
  slice.type = kinds::http();
  CAF_CHECK(slice.probed_from("eu"));
  slice.rule.source_regions = {"ap", "us"};
  CAF_CHECK(slice.probed_from("us"));
  CAF_CHECK(!slice.probed_from("eu"));
  slice = {kinds::icmp(), "eu", {{"eu"}, false}, {}};
  CAF_CHECK(slice.probed_from("eu")); // named, so it is wanted
}

CAF_TEST(targets of a module are addresses blocks names or urls) {
  const auto catalog =
      expand({{"fast", "eu", {"10.0.0.0/31", "host.example", "https://a/x"}, {}, 0},
              icmp("eu", {"10.0.0.0"})});
  CAF_REQUIRE_EQUAL(catalog->slices.size(), 2u);
  CAF_CHECK_EQUAL(to_string(catalog->slices[0].type), "fast");
  CAF_CHECK_EQUAL(catalog->slices[0].addresses,
                  (strings{"10.0.0.0", "10.0.0.1", "host.example", "https://a/x"}));
  CAF_CHECK(catalog->slices[0].probed_from("eu"));
  CAF_CHECK_EQUAL(catalog->count.of_modules, 4u);
  CAF_CHECK_EQUAL(catalog->total(), 5u);
  CAF_CHECK_EQUAL(catalog->duplicates, 0u);
}

} // namespace target_catalog_suite
