#define CAF_SUITE prober_directory

#include "xprober/actors/agent/prober_directory.hpp"

#include <string>

#include "caf/test/unit_test.hpp"

namespace prober_directory_suite {

using namespace xprober;

namespace {

const prober_name slow_icmp{"slow_icmp", probe_type::icmp};
const prober_name web_check{"web_check", probe_type::http};

} // namespace

CAF_TEST(built in types and modules are found by name) {
  const prober_directory probers{{slow_icmp, web_check}};
  CAF_REQUIRE(probers.find("icmp"));
  CAF_CHECK(probers.find("icmp")->is(probe_type::icmp));
  CAF_REQUIRE(probers.find("web_check"));
  CAF_CHECK(probers.find("web_check")->is(probe_type::http));
  CAF_CHECK(!probers.find("web"));
  CAF_CHECK(!probers.find("zzz"));
  CAF_CHECK(!probers.find(""));
}

CAF_TEST(a name is known on only as long as its module has the same base) {
  prober_directory probers{{slow_icmp, web_check}};
  CAF_CHECK(probers.still_knows(slow_icmp));
  probers.set_modules({prober_name{"slow_icmp", probe_type::http}});
  CAF_CHECK(!probers.still_knows(slow_icmp));
  CAF_CHECK(!probers.still_knows(web_check));
  CAF_CHECK(probers.still_knows(probe_type::icmp));
}

CAF_TEST(an unknown type is news once and again after a change of the modules) {
  prober_directory probers;
  CAF_CHECK(probers.is_news("quic"));
  CAF_CHECK(!probers.is_news("quic"));
  CAF_CHECK(probers.is_news("smtp"));
  probers.set_modules({slow_icmp});
  CAF_CHECK(probers.is_news("quic"));
}

CAF_TEST(a flood of unknown types is told in part) {
  prober_directory probers;
  int told = 0;
  for (int i = 0; i < 1000; ++i) {
    told += probers.is_news("type-" + std::to_string(i)) ? 1 : 0;
  }
  CAF_CHECK_EQUAL(told, 16);
}

} // namespace prober_directory_suite
