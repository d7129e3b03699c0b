#define CAF_SUITE target_groups

#include "xprober/verdict/target_groups.hpp"

#include <string>
#include <vector>

#include "caf/test/unit_test.hpp"

namespace target_groups_suite {

using namespace xprober;

std::string prefix(std::string_view target) {
  const auto block = neighbour_prefix(target);
  return block ? to_string(block->first) + "/" + std::to_string(block->prefix) : "none";
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
  const auto a = groups.groups_of("192.0.2.1", ams);
  const auto b = groups.groups_of("http://192.0.2.2/", fra);
  CAF_CHECK_EQUAL(a, (std::vector<std::uint32_t>{0, 1, 2}));
  CAF_CHECK_EQUAL(b, (std::vector<std::uint32_t>{3, 1, 2}));
  CAF_CHECK_EQUAL(groups.size(), 4u);
  CAF_CHECK_EQUAL(groups.text(0), "dc=ams");
  CAF_CHECK_EQUAL(groups.text(2), "192.0.2.0/24");
  CAF_CHECK(groups.groups_of("example.org", {}).empty());
}

} // namespace target_groups_suite
