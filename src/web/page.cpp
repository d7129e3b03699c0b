#include "xprober/web/page.hpp"

#include <array>

#include <openssl/evp.h>

namespace xprober::web {

std::string page_security_policy() {
  // The script is named by its hash (CSP level 3, 2.3.1), so no other text can run as one.
  const auto script = page_js();
  std::array<unsigned char, 32> digest{};
  std::array<unsigned char, 64> encoded{};
  unsigned int size = 0;
  EVP_Digest(script.data(), script.size(), digest.data(), &size, EVP_sha256(), nullptr);
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
  const std::string hash(encoded.begin(), encoded.begin() + length);
  return "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + hash +
         "'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'";
}

} // namespace xprober::web
