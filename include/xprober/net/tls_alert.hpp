#pragma once

#include <string_view>

namespace xprober::net {

/// True for bytes that a server which expects TLS answers to anything else: the record of an alert
/// (RFC 8446, 5.1 and 6).
constexpr bool is_tls_alert(std::string_view bytes) noexcept {
  return bytes.size() >= 2 && bytes[0] == 0x15 && bytes[1] == 0x03;
}

} // namespace xprober::net
