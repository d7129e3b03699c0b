#define CAF_SUITE icmp_error

#include "xprober/probes/icmp/icmp_error.hpp"

#include "caf/test/unit_test.hpp"

namespace icmp_error_suite {

using namespace xprober;
using namespace xprober::icmp;

CAF_TEST(unreachable_codes_have_their_own_words) {
  const auto host = explain_icmp_error(ip_family::ip4, 3, 1);
  CAF_CHECK(host.error == probe_error::unreachable);
  CAF_CHECK_EQUAL(host.text, "host unreachable");
  CAF_CHECK_EQUAL(explain_icmp_error(ip_family::ip4, 3, 13).text, "prohibited by a filter");
  CAF_CHECK_EQUAL(explain_icmp_error(ip_family::ip6, 1, 3).text, "address unreachable");
  CAF_CHECK(explain_icmp_error(ip_family::ip4, 3, 200).error == probe_error::unreachable);
  CAF_CHECK(!explain_icmp_error(ip_family::ip4, 3, 200).text.empty());
}

CAF_TEST(time_exceeded_on_the_way_is_not_reassembly) {
  CAF_CHECK(explain_icmp_error(ip_family::ip4, 11, 0).error == probe_error::ttl_exceeded);
  CAF_CHECK(explain_icmp_error(ip_family::ip6, 3, 0).error == probe_error::ttl_exceeded);
  CAF_CHECK(explain_icmp_error(ip_family::ip4, 11, 1).error == probe_error::none);
  CAF_CHECK(explain_icmp_error(ip_family::ip6, 3, 1).error == probe_error::none);
}

CAF_TEST(a_packet_too_big_says_nothing_of_the_target) {
  CAF_CHECK(explain_icmp_error(ip_family::ip4, 3, 4).error == probe_error::none);
  CAF_CHECK(explain_icmp_error(ip_family::ip6, 2, 0).error == probe_error::none);
}

CAF_TEST(the_families_number_their_types_differently) {
  CAF_CHECK(explain_icmp_error(ip_family::ip4, 1, 0).error == probe_error::none);
  CAF_CHECK(explain_icmp_error(ip_family::ip6, 11, 0).error == probe_error::none);
  CAF_CHECK(explain_icmp_error(ip_family::ip6, 4, 0).error == probe_error::unreachable);
  CAF_CHECK(explain_icmp_error(ip_family::ip4, 12, 0).error == probe_error::unreachable);
}

} // namespace icmp_error_suite
