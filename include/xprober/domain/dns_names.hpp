#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Names of what DNS has numbers for (IANA, "Domain Name System (DNS) Parameters").
namespace xprober {

/// A type by its name ("AAAA"), "TYPE257" (RFC 3597) or its number; nothing for what is neither.
std::optional<std::uint16_t> parse_dns_type(std::string_view text) noexcept;
/// "AAAA", or "TYPE65280" where it has no name here.
std::string dns_type_text(std::uint16_t type);

/// A class by its name (IN, CH, HS, NONE, ANY), "CLASS3" or its number.
std::optional<std::uint16_t> parse_dns_class(std::string_view text) noexcept;
std::string dns_class_text(std::uint16_t klass);

/// A response code by its name ("NXDOMAIN") or its number, 0 to 255.
std::optional<std::uint8_t> parse_dns_rcode(std::string_view text) noexcept;
/// "NXDOMAIN", or "RCODE12".
std::string dns_rcode_text(std::uint8_t rcode);

} // namespace xprober
