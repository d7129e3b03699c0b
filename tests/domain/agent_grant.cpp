#define CAF_SUITE agent_grant

#include "xprober/domain/agent_grant.hpp"

#include "xprober/domain/targets/mesh_gate.hpp"

#include "caf/test/unit_test.hpp"

namespace agent_grant_suite {

using namespace xprober;

namespace {

ip_block block(std::string_view text) {
  std::string ignored;
  return parse_network(text, ignored).value();
}

} // namespace

CAF_TEST(one for everybody refuses nobody) {
  const agent_grant all{"a token"};
  CAF_CHECK_EQUAL(all.why_not("eu", "10.0.0.1"), "");
  CAF_CHECK_EQUAL(all.why_not("", "no address"), "");
}

CAF_TEST(regions and networks both have to fit) {
  const agent_grant some{
      "certificate x", {"eu", "us"}, {block("10.0.0.0/8"), block("2001:db8::1")}};
  CAF_CHECK_EQUAL(some.why_not("eu", "10.1.2.3"), "");
  CAF_CHECK_EQUAL(some.why_not("us", "2001:db8::1"), "");
  CAF_CHECK_EQUAL(some.why_not("ap", "10.1.2.3"),
                  "the credential (certificate x) does not speak for the region 'ap': access of "
                  "the server's file says for which");
  for (const auto* other : {"11.0.0.1", "2001:db8::2", "", "host", "10.1.2.3 "}) {
    CAF_CHECK(!some.why_not("eu", other).empty());
  }
  CAF_CHECK(!some.why_not("EU", "10.1.2.3").empty());
}

CAF_TEST(an empty list lets in all) {
  const agent_grant regions{"x", {"eu"}, {}};
  CAF_CHECK_EQUAL(regions.why_not("eu", "anything"), "");
  const agent_grant networks{"x", {}, {block("10.0.0.1")}};
  CAF_CHECK_EQUAL(networks.why_not("anything", "10.0.0.1"), "");
  CAF_CHECK(!networks.why_not("anything", "10.0.0.2").empty());
}

} // namespace agent_grant_suite
