#define CAF_SUITE cidr
#include "xprober/domain/cidr.hpp"

#include <vector>

#include "caf/test/unit_test.hpp"

namespace cidr_suite {

using namespace xprober;

namespace {

ip_block block(std::string_view text) {
  std::string error;
  const auto parsed = parse_block(text, error);
  if (!parsed) {
    CAF_FAIL("not a block: " << text << ": " << error);
  }
  return *parsed;
}

std::vector<std::string> all(std::string_view text, std::uint64_t limit = 1000) {
  std::vector<std::string> result;
  for_each_address(block(text), limit,
                   [&](const ip_address& address) { result.push_back(to_string(address)); });
  return result;
}

} // namespace

CAF_TEST(a block stands for every address in it) {
  CAF_CHECK_EQUAL(all("10.4.0.0/30"),
                  (std::vector<std::string>{"10.4.0.0", "10.4.0.1", "10.4.0.2", "10.4.0.3"}));
  CAF_CHECK_EQUAL(all("10.4.0.9/32"), (std::vector<std::string>{"10.4.0.9"}));
  CAF_CHECK_EQUAL(all("2001:db8::fffe/127"),
                  (std::vector<std::string>{"2001:db8::fffe", "2001:db8::ffff"}));
  CAF_CHECK_EQUAL(all("10.4.0.0/24").size(), 256u);
}

CAF_TEST(bits after the prefix are cleared) {
  CAF_CHECK(block("10.4.0.7/24") == block("10.4.0.0/24"));
  CAF_CHECK_EQUAL(to_string(block("10.255.255.255/13").first), "10.248.0.0");
  CAF_CHECK_EQUAL(to_string(block("2001:db8:ffff::1/33").first), "2001:db8:8000::");
  CAF_CHECK_EQUAL(to_string(block("255.255.255.255/0").first), "0.0.0.0");
}

CAF_TEST(sizes of blocks saturate) {
  CAF_CHECK_EQUAL(block("0.0.0.0/0").size(), std::uint64_t{1} << 32);
  CAF_CHECK_EQUAL(block("::/65").size(), std::uint64_t{1} << 63);
  CAF_CHECK_EQUAL(block("::/64").size(), UINT64_MAX);
  CAF_CHECK_EQUAL(block("::/0").size(), UINT64_MAX);
  CAF_CHECK_EQUAL(block("::1/128").size(), 1u);
}

CAF_TEST(counting carries over bytes) {
  CAF_CHECK_EQUAL(to_string(block("10.0.0.0/8").at(0x00FFFFFF)), "10.255.255.255");
  CAF_CHECK_EQUAL(to_string(block("10.4.0.0/16").at(256)), "10.4.1.0");
  CAF_CHECK_EQUAL(to_string(block("2001:db8::/32").at(UINT64_MAX)),
                  "2001:db8::ffff:ffff:ffff:ffff");
}

CAF_TEST(a visit is bounded) {
  CAF_CHECK_EQUAL(all("::/0", 3), (std::vector<std::string>{"::", "::1", "::2"}));
}

} // namespace cidr_suite
