#include "xprober/base/random_text.hpp"

#include <stdexcept>

#include <openssl/rand.h>

#include "xprober/domain/base64.hpp"

namespace xprober {

void fill_randomly(std::span<unsigned char> out) {
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) {
    throw std::runtime_error("OpenSSL has no random bytes for a secret");
  }
}

std::string random_text() {
  const auto bytes = random_bytes<32>();
  return base64url(std::string{bytes.begin(), bytes.end()});
}

} // namespace xprober
