#define CAF_SUITE near_text

#include "xprober/domain/near_text.hpp"

#include <array>

#include "caf/test/unit_test.hpp"

namespace near_text_suite {

using namespace xprober;

CAF_TEST(distances count the letters that differ) {
  CAF_CHECK_EQUAL(edit_distance("", ""), 0u);
  CAF_CHECK_EQUAL(edit_distance("http", "http"), 0u);
  CAF_CHECK_EQUAL(edit_distance("", "http"), 4u);
  CAF_CHECK_EQUAL(edit_distance("htpp", "http"), 1u);
  CAF_CHECK_EQUAL(edit_distance("htt", "http"), 1u);
  CAF_CHECK_EQUAL(edit_distance("hhttp", "http"), 1u);
  CAF_CHECK_EQUAL(edit_distance("imcp", "icmp"), 1u);
  CAF_CHECK_EQUAL(edit_distance("kitten", "sitting"), 3u);
}

CAF_TEST(a near name is one that is nearly spelled so) {
  constexpr std::array<std::string_view, 5> kinds{"icmp", "http", "tcp", "tls", "dns"};
  CAF_CHECK_EQUAL(near_name("htpp", kinds), "http");
  CAF_CHECK_EQUAL(near_name("imcp", kinds), "icmp");
  CAF_CHECK_EQUAL(near_name("tpc", kinds), "tcp");
  CAF_CHECK_EQUAL(near_name("ping", kinds), "");
  CAF_CHECK_EQUAL(near_name("http_2xx", kinds), "");
  CAF_CHECK_EQUAL(near_name("dns6", kinds), "");
  CAF_CHECK_EQUAL(near_name("", kinds), "");
  CAF_CHECK_EQUAL(near_name(std::string_view{}, {}), "");
}

} // namespace near_text_suite
