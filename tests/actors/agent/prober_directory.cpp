#define CAF_SUITE prober_directory

#include "xprober/actors/agent/prober_directory.hpp"

#include <string>

#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace prober_directory_suite {

using namespace xprober;

namespace {

const prober_name slow_icmp{"slow_icmp", &kinds::icmp()};
const prober_name web_check{"web_check", &kinds::http()};

} // namespace

CAF_TEST(built in types and modules are found by name) {
  const prober_directory probers{{&kinds::icmp(), &kinds::http()}, {slow_icmp, web_check}};
  CAF_REQUIRE(probers.find("icmp"));
  CAF_CHECK(probers.find("icmp")->kind() == &kinds::icmp());
  CAF_REQUIRE(probers.find("web_check"));
  CAF_CHECK(probers.find("web_check")->kind() == &kinds::http());
  CAF_CHECK(!probers.find("web"));
  CAF_CHECK(!probers.find("zzz"));
  CAF_CHECK(!probers.find(""));
}

CAF_TEST(a name is known on only as long as its module has the same base) {
  prober_directory probers{{&kinds::icmp(), &kinds::http()}, {slow_icmp, web_check}};
  CAF_CHECK(probers.still_knows(slow_icmp));
  probers.set_modules({prober_name{"slow_icmp", &kinds::http()}});
  CAF_CHECK(!probers.still_knows(slow_icmp));
  CAF_CHECK(!probers.still_knows(web_check));
  CAF_CHECK(probers.still_knows(kinds::icmp()));
}

CAF_TEST(what no engine is there for is not known) {
  const prober_directory probers{{&kinds::http()}, {slow_icmp, web_check}};
  CAF_CHECK(!probers.find("icmp"));
  CAF_CHECK(!probers.find("slow_icmp"));
  CAF_CHECK(probers.find("web_check").has_value());
  CAF_CHECK_EQUAL(probers.kind_names(), "http");
}

CAF_TEST(an unknown type is news once and again after a change of the modules) {
  prober_directory probers;
  CAF_CHECK(probers.is_news("quic"));
  CAF_CHECK(!probers.is_news("quic"));
  CAF_CHECK(probers.is_news("smtp"));
  probers.set_modules({slow_icmp});
  CAF_CHECK(probers.is_news("quic"));
}

CAF_TEST(unknown types are described with what was meant) {
  const prober_directory probers{{&kinds::icmp(), &kinds::http()}, {web_check}};
  unknown_types unknown;
  CAF_CHECK_EQUAL(probers.described(unknown), "");
  unknown.add("htpp", 1);
  unknown.add("quic", 2);
  CAF_CHECK_EQUAL(probers.described(unknown), "'htpp': do you mean http?, 'quic'");
  unknown.remove("htpp", 1);
  CAF_CHECK_EQUAL(probers.described(unknown), "'quic'");
  for (std::size_t i = 1; i <= unknown_types::most_named; ++i) {
    unknown.add("z" + std::to_string(1000 * i), 1);
  }
  CAF_CHECK(probers.described(unknown).ends_with("'z15000' and others"));
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
