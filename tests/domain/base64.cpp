#define CAF_SUITE base64

#include "xprober/domain/base64.hpp"

#include "caf/test/unit_test.hpp"

namespace base64_suite {

using xprober::base64;

CAF_TEST(base64 of every remainder) {
  CAF_CHECK_EQUAL(base64(""), "");
  CAF_CHECK_EQUAL(base64("f"), "Zg==");
  CAF_CHECK_EQUAL(base64("fo"), "Zm8=");
  CAF_CHECK_EQUAL(base64("foo"), "Zm9v");
  CAF_CHECK_EQUAL(base64("\xFF\xFE\xFD\xFC"), "//79/A==");
}

} // namespace base64_suite
