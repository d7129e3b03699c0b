#define CAF_SUITE address

#include "simnet/address.hpp"

#include "caf/test/unit_test.hpp"

namespace address_suite {

using namespace simnet;

namespace {

bool is_in(const std::string& block, const std::string& address) {
  return parse_block(block)->contains(*parse_address(address));
}

} // namespace

CAF_TEST(addresses_are_read_and_written) {
  for (const std::string text : {"10.1.2.3", "0.0.0.0", "fd77::1", "::"}) {
    const auto parsed = parse_address(text);
    CAF_REQUIRE(parsed.has_value());
    CAF_CHECK_EQUAL(to_string(*parsed), text);
    CAF_CHECK_EQUAL(parsed->ip6, text.find(':') != std::string::npos);
  }
  for (const std::string text : {"", "10.1.2", "10.1.2.300", "host", "fd77::g"}) {
    CAF_CHECK(!parse_address(text));
  }
}

CAF_TEST(a_block_ends_at_any_bit) {
  CAF_CHECK(is_in("10.1.0.0/16", "10.1.255.255"));
  CAF_CHECK(!is_in("10.1.0.0/16", "10.2.0.0"));
  CAF_CHECK(is_in("10.0.0.8/29", "10.0.0.15"));
  CAF_CHECK(!is_in("10.0.0.8/29", "10.0.0.16"));
  CAF_CHECK(!is_in("10.0.0.8/29", "10.0.0.7"));
  CAF_CHECK(is_in("0.0.0.0/0", "255.255.255.255"));
  CAF_CHECK(is_in("10.0.0.1", "10.0.0.1"));
  CAF_CHECK(!is_in("10.0.0.1", "10.0.0.2"));
  CAF_CHECK(is_in("fd77::/63", "fd77:0:0:1::5"));
  CAF_CHECK(!is_in("fd77::/63", "fd77:0:0:2::5"));
}

CAF_TEST(families_do_not_mix) {
  CAF_CHECK(!is_in("::/0", "10.0.0.1"));
  CAF_CHECK(!is_in("0.0.0.0/0", "::1"));
}

CAF_TEST(bad_blocks_are_refused) {
  for (const std::string text : {"10.0.0.0/33", "fd77::/129", "10.0.0.0/", "10.0.0.0/-1", "/8",
                                 "10.0.0.0/8x", "10.0.0.0/8/8"}) {
    CAF_CHECK(!parse_block(text));
  }
}

} // namespace address_suite
