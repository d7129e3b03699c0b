#include "xprober/net/secret_hash.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace xprober::net {

secret_hash hash_secret(std::string_view secret) {
  secret_hash hash{};
  static_assert(SHA256_DIGEST_LENGTH == 32);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  ::SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), hash.data());
  return hash;
}

bool is_same_secret(const secret_hash& a, const secret_hash& b) noexcept {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace xprober::net
