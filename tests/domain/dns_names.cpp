#define CAF_SUITE dns_names

#include "xprober/domain/dns_names.hpp"

#include "caf/test/unit_test.hpp"

namespace dns_names_suite {

using namespace xprober;

CAF_TEST(names of types classes and codes) {
  CAF_CHECK(parse_dns_type("aaaa") == std::uint16_t{28});
  CAF_CHECK(parse_dns_type("ANY") == std::uint16_t{255});
  CAF_CHECK(parse_dns_type("257") == std::uint16_t{257});
  CAF_CHECK(parse_dns_type("TYPE65280") == std::uint16_t{65280});
  for (const auto* bad : {"", "0", "65536", "TYPE", "A A", "-1"}) {
    CAF_CHECK(!parse_dns_type(bad));
  }
  CAF_CHECK_EQUAL(dns_type_text(257), "CAA");
  CAF_CHECK_EQUAL(dns_type_text(999), "TYPE999");
  CAF_CHECK(parse_dns_class("ch") == std::uint16_t{3});
  CAF_CHECK_EQUAL(dns_class_text(1), "IN");
  CAF_CHECK(parse_dns_rcode("NXDOMAIN") == std::uint8_t{3});
  CAF_CHECK(parse_dns_rcode("11") == std::uint8_t{11});
  CAF_CHECK(!parse_dns_rcode("256"));
  CAF_CHECK_EQUAL(dns_rcode_text(11), "RCODE11");
}

} // namespace dns_names_suite
