#define CAF_SUITE target_groups

#include "xprober/verdict/target_groups.hpp"

#include <string>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace target_groups_suite {

using namespace xprober;

std::string prefix(std::string_view target, std::size_t which = 0) {
  const auto blocks = neighbour_prefixes(target);
  return which < blocks.size()
             ? to_string(blocks[which].first) + "/" + std::to_string(blocks[which].prefix)
             : "none";
}

CAF_TEST(addresses have neighbours in whatever form they come) {
  CAF_CHECK_EQUAL(prefix("192.0.2.77"), "192.0.2.0/24");
  CAF_CHECK_EQUAL(prefix("192.0.2.77:443"), "192.0.2.0/24");
  CAF_CHECK_EQUAL(prefix("192.0.2.77/health"), "192.0.2.0/24");
  CAF_CHECK_EQUAL(prefix("https://192.0.2.77:8443/a?b"), "192.0.2.0/24");
  CAF_CHECK_EQUAL(prefix("2001:db8:1:2::9"), "2001:db8:1::/48");
  CAF_CHECK_EQUAL(prefix("[2001:db8:1:2::9]:53"), "2001:db8:1::/48");
  CAF_CHECK_EQUAL(prefix("http://[2001:db8:1:2::9]/"), "2001:db8:1::/48");
}

CAF_TEST(neighbours further off share a wider prefix) {
  CAF_CHECK_EQUAL(prefix("198.51.100.7:443", 1), "198.51.0.0/16");
  CAF_CHECK_EQUAL(prefix("2001:db8:1:2::9", 1), "2001:db8::/32");
}

CAF_TEST(names have none) {
  CAF_CHECK_EQUAL(prefix("example.org"), "none");
  CAF_CHECK_EQUAL(prefix("https://example.org/192.0.2.1"), "none");
  CAF_CHECK_EQUAL(prefix("example.org@192.0.2.1"), "none");
  CAF_CHECK_EQUAL(prefix("http://"), "none");
  CAF_CHECK_EQUAL(prefix(""), "none");
}

CAF_TEST(equal labels and prefixes are one group) {
  target_groups groups;
  const std::vector<target_groups::label> ams{{"dc", "ams"}, {"env", "prod"}};
  const std::vector<target_groups::label> fra{{"dc", "fra"}, {"env", "prod"}};
  const auto a = groups.acquire("192.0.2.1", ams);
  const auto b = groups.acquire("http://192.0.2.2/", fra);
  CAF_CHECK_EQUAL(a, (std::vector<std::uint32_t>{0, 1, 2, 3}));
  CAF_CHECK_EQUAL(b, (std::vector<std::uint32_t>{4, 1, 2, 3}));
  CAF_CHECK_EQUAL(groups.size(), 5u);
  CAF_CHECK_EQUAL(groups.text(0), "dc=ams");
  CAF_CHECK_EQUAL(groups.text(2), "192.0.2.0/24");
  CAF_CHECK_EQUAL(groups.text(3), "192.0.0.0/16");
  CAF_CHECK(groups.acquire("example.org", {}).empty());
  groups.release(a);
  CAF_CHECK_EQUAL(groups.size(), 4u);
  groups.release(b);
  CAF_CHECK_EQUAL(groups.size(), 0u);
}

CAF_TEST(there are so many groups and no more) {
  target_groups groups;
  for (std::size_t i = 0; i < target_groups::most_groups; ++i) {
    const std::vector<target_groups::label> own{{"id", std::to_string(i)}};
    CAF_REQUIRE_EQUAL(groups.acquire("example.org", own).size(), 1u);
  }
  const std::vector<target_groups::label> labels{{"id", "one more"}, {"id", "7"}};
  CAF_CHECK_EQUAL(groups.acquire("example.org", labels).size(), 1u);
}

} // namespace target_groups_suite
