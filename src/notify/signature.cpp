#include "xprober/notify/signature.hpp"

#include <array>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace xprober::notify {

std::string signature(std::string_view secret, std::int64_t now_unix, std::string_view body) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto time = std::to_string(now_unix);
  const auto text = time + "." + std::string{body};
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned length = 0;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  ::HMAC(::EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes, text.size(),
         sum.data(), &length);
  std::string out = "t=" + time + ",v1=";
  for (unsigned i = 0; i < length; ++i) {
    out += digits[sum[i] >> 4U];
    out += digits[sum[i] & 0xFU];
  }
  return out;
}

} // namespace xprober::notify
