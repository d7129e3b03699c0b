#include "xprober/notify/signature.hpp"

#include <array>
#include <span>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "xprober/domain/hex.hpp"

namespace xprober::notify {

std::string signature(std::string_view secret, std::int64_t now_unix, std::string_view body) {
  const auto time = std::to_string(now_unix);
  const auto text = time + "." + std::string{body};
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned length = 0;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  ::HMAC(::EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes, text.size(),
         sum.data(), &length);
  return "t=" + time + ",v1=" + hex_text(std::span{sum}.first(length));
}

} // namespace xprober::notify
