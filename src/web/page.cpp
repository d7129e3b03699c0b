#include "xprober/web/page.hpp"

#include <array>

#include <openssl/evp.h>

#include "xprober/domain/base64.hpp"

namespace xprober::web {

std::string page_security_policy() {
  // The script is named by its hash (CSP level 3, 2.3.1), so no other text can run as one.
  const auto script = page_js();
  std::array<unsigned char, 32> digest{};
  unsigned int size = 0;
  EVP_Digest(script.data(), script.size(), digest.data(), &size, EVP_sha256(), nullptr);
  const auto hash = base64({reinterpret_cast<const char*>(digest.data()), size});
  return "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + hash +
         "'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'";
}

} // namespace xprober::web
