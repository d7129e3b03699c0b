#define CAF_SUITE signature

#include "xprober/notify/signature.hpp"

#include "caf/test/unit_test.hpp"

namespace signature_suite {

using namespace xprober;

CAF_TEST(a body is signed with its time) {
  // printf '1767323045.{"a":1}' | openssl dgst -sha256 -hmac secret
  CAF_CHECK_EQUAL(notify::signature("secret", 1767323045, R"({"a":1})"),
                  "t=1767323045,v1=5801ec7c2609536b21e872dabc58e024"
                  "01283cba52f83527f288b9a0036a4941");
  CAF_CHECK(notify::signature("secret", 1767323046, "") !=
            notify::signature("Secret", 1767323046, ""));
}

} // namespace signature_suite
