#define CAF_SUITE identity
#include "xprober/config/identity.hpp"

#include <vector>

#include "caf/test/unit_test.hpp"

namespace identity_suite {

using namespace xprober;
using namespace xprober::config;

namespace {

interface_address address(const char* text, bool up, bool loopback) {
  return {*parse_ip(text), up, loopback};
}

} // namespace

CAF_TEST(the first usable address in the order given is taken) {
  const std::vector<interface_address> all{
      address("127.0.0.1", true, true),    address("10.0.0.1", false, false),
      address("2001:db8::1", true, false), address("127.0.0.9", true, false),
      address("10.0.0.2", true, false),    address("10.0.0.3", true, false)};
  CAF_CHECK_EQUAL(pick_address(all).value, "10.0.0.2");
}

CAF_TEST(a machine with loopback only must be told its address) {
  const std::vector<interface_address> all{address("127.0.0.1", true, true)};
  const auto found = pick_address(all);
  CAF_CHECK(!found.ok());
  CAF_CHECK(found.error.find("set local_ip") != std::string::npos);
  CAF_CHECK(!pick_address({}).ok());
}

CAF_TEST(a configured address wins) {
  CAF_CHECK_EQUAL(local_address("127.0.0.2").value, "127.0.0.2");
  CAF_CHECK_EQUAL(local_address("0:0::1").value, "::1");
  const auto wrong = local_address("eth0");
  CAF_CHECK(!wrong.ok());
  CAF_CHECK(wrong.error.find("local_ip is 'eth0'") != std::string::npos);
}

CAF_TEST(this machine has an address or the advice to set one) {
  const auto found = local_address("");
  CAF_MESSAGE(found.value << found.error);
  if (found.ok()) {
    const auto parsed = parse_ip(found.value);
    CAF_REQUIRE(parsed.has_value());
    CAF_CHECK(!parsed->v6);
    CAF_CHECK(parsed->bytes[0] != 127);
  } else {
    CAF_CHECK(found.error.find("set local_ip") != std::string::npos);
  }
}

CAF_TEST(a region is a zone without its last letter) {
  CAF_CHECK_EQUAL(region_of_zone("us-east-1a").value, "us-east-1");
  CAF_CHECK_EQUAL(region_of_zone("cn-north-1b\n").value, "cn-north-1");
  CAF_CHECK_EQUAL(region_of_zone("us-west-2-lax-1a").value, "us-west-2-lax-1");
  for (const auto& zone :
       {std::string{}, std::string{"\n"}, std::string{"us-east-1"}, std::string{"a"},
        std::string{"nova"}, std::string{"us-east-1A"}, std::string{"<html>404</html>"},
        std::string{"us east-1a"}, std::string{"us-east-1a\nX: y"}, std::string(64, '1') + "a"}) {
    const auto found = region_of_zone(zone);
    CAF_MESSAGE(found.error);
    CAF_CHECK(!found.ok());
    CAF_CHECK(found.value.empty());
    CAF_CHECK(found.error.find('\n') == std::string::npos);
  }
}

} // namespace identity_suite
