#define CAF_SUITE secret_hash

#include "xprober/net/secret_hash.hpp"

#include "caf/test/unit_test.hpp"

namespace secret_hash_suite {

using namespace xprober::net;

CAF_TEST(a secret is known by its SHA 256) {
  // FIPS 180-2, appendix B.1
  const auto hash = hash_secret("abc");
  CAF_CHECK_EQUAL(static_cast<int>(hash.front()), 0xba);
  CAF_CHECK_EQUAL(static_cast<int>(hash.back()), 0xad);
  CAF_CHECK(is_same_secret(hash, hash_secret("abc")));
  CAF_CHECK(!is_same_secret(hash, hash_secret("abd")));
  CAF_CHECK(!is_same_secret(hash, hash_secret("")));
}

} // namespace secret_hash_suite
