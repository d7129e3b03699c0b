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

} // namespace percent_suite
