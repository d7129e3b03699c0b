#define CAF_SUITE base64

#include "xprober/domain/base64.hpp"

#include <string>

#include "caf/test/unit_test.hpp"

namespace base64_suite {

using xprober::base64;
using xprober::base64url;
using xprober::read_base64url;

CAF_TEST(base64 of every remainder) {
  CAF_CHECK_EQUAL(base64(""), "");
  CAF_CHECK_EQUAL(base64("f"), "Zg==");
  CAF_CHECK_EQUAL(base64("fo"), "Zm8=");
  CAF_CHECK_EQUAL(base64("foo"), "Zm9v");
  CAF_CHECK_EQUAL(base64("\xFF\xFE\xFD\xFC"), "//79/A==");
}

CAF_TEST(what stands in a URL needs no escape and is read back) {
  for (const std::string bytes : {"", "f", "fo", "foo", "\xFF\xFE\xFD\xFC", "\xFB\xFF\xBF"}) {
    const auto text = base64url(bytes);
    CAF_CHECK(text.find_first_of("+/=") == std::string::npos);
    CAF_CHECK(read_base64url(text) == bytes);
  }
  CAF_CHECK_EQUAL(base64url("\xFF\xFE\xFD\xFC"), "__79_A");
}

CAF_TEST(what base64url never writes is not read) {
  for (const auto* text : {"Zg==", "Z", "Zh", "Zm9v\n", "Zm9 ", "a+b/"}) {
    CAF_CHECK(!read_base64url(text));
  }
}

} // namespace base64_suite
