#pragma once

#include <cstdint>
#include <string_view>

#include "xprober/domain/config.hpp"
#include "xprober/domain/probe_result.hpp"

namespace xprober::icmp {

/// What an ICMP error message says of the echo it quotes.
struct error_meaning {
  /// `unreachable` or `ttl_exceeded`; `none` for messages which do not say that the target cannot
  /// be reached (packet too big: the kernel learns the path's MTU and the next echo fits; fragments
  /// that were not reassembled in time).
  probe_error error = probe_error::none;
  std::string_view text; ///< for people, e.g. "host unreachable"
  bool too_big = false;  ///< the packet, for a link on its way
};

/// The meaning of a type and code of RFC 792, 1122 and 1812 (IPv4) or RFC 4443 (IPv6).
error_meaning explain_icmp_error(ip_family family, std::uint8_t type, std::uint8_t code) noexcept;

} // namespace xprober::icmp
