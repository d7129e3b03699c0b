#include "xprober/probes/icmp/icmp_error.hpp"

#include <array>

namespace xprober::icmp {

namespace {

/// Codes 0 to 15 of type 3: RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1.
constexpr std::array<std::string_view, 16> unreachable4{
    "network unreachable",
    "host unreachable",
    "protocol unreachable",
    "port unreachable",
    "fragmentation needed",
    "source route failed",
    "network unknown",
    "host unknown",
    "source host isolated",
    "network prohibited",
    "host prohibited",
    "network unreachable for this type of service",
    "host unreachable for this type of service",
    "prohibited by a filter",
    "host precedence violation",
    "precedence cut-off",
};

/// Codes 0 to 6 of type 1: RFC 4443 section 3.1.
constexpr std::array<std::string_view, 7> unreachable6{
    "no route to destination", "prohibited by a filter", "beyond scope of source address",
    "address unreachable",     "port unreachable",       "source address failed policy",
    "route rejected",
};

template <std::size_t N>
std::string_view pick(const std::array<std::string_view, N>& texts, std::uint8_t code) noexcept {
  return code < N ? texts[code] : "destination unreachable";
}

error_meaning explain4(std::uint8_t type, std::uint8_t code) noexcept {
  switch (type) {
  case 3:
    if (code == 4) {
      return {probe_error::none, unreachable4[4], true};
    }
    return {probe_error::unreachable, pick(unreachable4, code)};
  case 11:
    return code == 0 ? error_meaning{probe_error::ttl_exceeded, "time to live exceeded"}
                     : error_meaning{probe_error::none, "fragment reassembly time exceeded"};
  case 12: return {probe_error::unreachable, "parameter problem"};
  default: return {};
  }
}

error_meaning explain6(std::uint8_t type, std::uint8_t code) noexcept {
  switch (type) {
  case 1: return {probe_error::unreachable, pick(unreachable6, code)};
  case 2: return {probe_error::none, "packet too big", true};
  case 3:
    return code == 0 ? error_meaning{probe_error::ttl_exceeded, "hop limit exceeded"}
                     : error_meaning{probe_error::none, "fragment reassembly time exceeded"};
  case 4: return {probe_error::unreachable, "parameter problem"};
  default: return {};
  }
}

} // namespace

error_meaning explain_icmp_error(ip_family family, std::uint8_t type, std::uint8_t code) noexcept {
  return family == ip_family::ip4 ? explain4(type, code) : explain6(type, code);
}

} // namespace xprober::icmp
