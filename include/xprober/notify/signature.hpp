#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace xprober::notify {

/// The header X-Xprober-Signature of a body: "t=UNIX,v1=HEX", HMAC-SHA256 (RFC 2104) with the
/// secret over "UNIX.BODY". A receiver that takes only what was signed lately is safe from whoever
/// sends an old body again.
std::string signature(std::string_view secret, std::int64_t now_unix, std::string_view body);

} // namespace xprober::notify
