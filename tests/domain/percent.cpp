#define CAF_SUITE percent
#include "xprober/domain/percent.hpp"

#include "caf/test/unit_test.hpp"

namespace percent_suite {

using namespace xprober;

CAF_TEST(what is no escape stays as it is) {
  CAF_CHECK_EQUAL(percent_decode("a%20b%2Fc"), "a b/c");
  CAF_CHECK_EQUAL(percent_decode("100%"), "100%");
  CAF_CHECK_EQUAL(percent_decode("%4"), "%4");
  CAF_CHECK_EQUAL(percent_decode("%zz%41"), "%zzA");
  CAF_CHECK_EQUAL(percent_decode("a+b"), "a+b");
  CAF_CHECK_EQUAL(percent_decode("a+b", true), "a b");
}

CAF_TEST(what means something in a URL is escaped) {
  CAF_CHECK_EQUAL(percent_encode("AZaz09-._~"), "AZaz09-._~");
  CAF_CHECK_EQUAL(percent_encode("a/b&c=\u00e9 %"), "a%2Fb%26c%3D%C3%A9%20%25");
  CAF_CHECK_EQUAL(percent_encode(""), "");
  const std::string all{"\x00\x1F?#[]@+\xFF", 9};
  CAF_CHECK(percent_decode(percent_encode(all)) == all);
}

} // namespace percent_suite
