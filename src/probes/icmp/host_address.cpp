#include "xprober/probes/icmp/host_address.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include <arpa/inet.h>
#include <net/if.h>

#include "xprober/domain/address.hpp"
#include "xprober/resolver/host_name.hpp"

namespace xprober::icmp {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

std::optional<host_address> parse_ip4_text(const std::string& text) {
  host_address address;
  if (inet_pton(AF_INET, text.c_str(), address.bytes.data()) != 1) {
    return std::nullopt;
  }
  return address;
}

/// "address" or "address%zone", the zone an interface's name or index.
std::optional<host_address> parse_ip6_text(const std::string& text) {
  const auto percent = text.find('%');
  host_address address;
  address.family = ip_family::ip6;
  if (inet_pton(AF_INET6, text.substr(0, percent).c_str(), address.bytes.data()) != 1) {
    return std::nullopt;
  }
  if (percent != std::string::npos) {
    const std::string zone = text.substr(percent + 1);
    address.scope = if_nametoindex(zone.c_str());
    const bool digits =
        !zone.empty() && zone.size() < 10 &&
        std::all_of(zone.begin(), zone.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (address.scope == 0 && digits) {
      address.scope = static_cast<std::uint32_t>(std::stoul(zone));
    }
    if (address.scope == 0) {
      return std::nullopt;
    }
  } else if (std::equal(mapped_prefix.begin(), mapped_prefix.end(), address.bytes.begin())) {
    return ip4_address(address.bytes.data() + mapped_prefix.size());
  }
  return address;
}

bool names_one_host(const host_address& a) noexcept {
  const bool unspecified =
      std::all_of(a.bytes.begin(), a.bytes.end(), [](std::uint8_t b) { return b == 0; });
  if (unspecified) {
    return false;
  }
  if (a.family == ip_family::ip6) {
    return a.bytes[0] != 0xFF;
  }
  const bool broadcast =
      std::all_of(a.bytes.begin(), a.bytes.begin() + 4, [](std::uint8_t b) { return b == 0xFF; });
  return !broadcast && (a.bytes[0] & 0xF0) != 0xE0;
}

parsed_target bad(std::string_view text, std::string_view why) {
  parsed_target result;
  // Long enough for any address; a target can be megabytes of rubbish.
  result.problem.append("\"").append(text.substr(0, 80)).append("\" ").append(why);
  return result;
}

} // namespace

bool same_host(const host_address& source, const host_address& target) noexcept {
  return source.family == target.family && source.bytes == target.bytes &&
         (source.scope == target.scope || source.scope == 0 || target.scope == 0);
}

std::string to_string(const host_address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = address.family == ip_family::ip4 ? AF_INET : AF_INET6;
  inet_ntop(family, address.bytes.data(), text.data(), text.size());
  std::string result = text.data();
  if (address.scope != 0) {
    std::array<char, IF_NAMESIZE> name{};
    result += '%';
    if (if_indextoname(address.scope, name.data()) != nullptr) {
      result += name.data();
    } else {
      result += std::to_string(address.scope);
    }
  }
  return result;
}

socklen_t to_sockaddr(const host_address& address, sockaddr_in6& out) noexcept {
  out = {};
  if (address.family == ip_family::ip4) {
    sockaddr_in ip4{};
    ip4.sin_family = AF_INET;
    std::memcpy(&ip4.sin_addr, address.bytes.data(), 4);
    static_assert(sizeof(ip4) <= sizeof(out));
    std::memcpy(&out, &ip4, sizeof(ip4));
    return sizeof(ip4);
  }
  out.sin6_family = AF_INET6;
  out.sin6_scope_id = address.scope;
  std::memcpy(&out.sin6_addr, address.bytes.data(), 16);
  return sizeof(out);
}

host_address from_sockaddr(const sockaddr_in6& address) noexcept {
  host_address result;
  if (address.sin6_family == AF_INET6) {
    result.family = ip_family::ip6;
    result.scope = address.sin6_scope_id;
    std::memcpy(result.bytes.data(), &address.sin6_addr, 16);
  } else if (address.sin6_family == AF_INET) {
    sockaddr_in ip4;
    std::memcpy(&ip4, &address, sizeof(ip4));
    std::memcpy(result.bytes.data(), &ip4.sin_addr, 4);
  }
  return result;
}

host_address ip4_address(const std::uint8_t* bytes) noexcept {
  host_address result;
  std::memcpy(result.bytes.data(), bytes, 4);
  return result;
}

parsed_target parse_target(std::string_view text) {
  std::string_view inner = text;
  const bool brackets = inner.size() > 2 && inner.front() == '[' && inner.back() == ']';
  if (brackets) {
    inner = inner.substr(1, inner.size() - 2);
  }
  if (inner.find(':') != std::string_view::npos || brackets) {
    const auto address = inner.size() <= 80 ? parse_ip6_text(std::string(inner)) : std::nullopt;
    if (!address) {
      return bad(text, "is not an IPv6 address (a zone must name an interface of this machine)");
    }
    if (!names_one_host(*address)) {
      return bad(text, "does not name one host: give a unicast address");
    }
    return {target_kind::address, *address, {}, {}};
  }
  if (const auto address = inner.size() <= 15 ? parse_ip4_text(std::string(inner)) : std::nullopt) {
    if (!names_one_host(*address)) {
      return bad(text, "does not name one host: give a unicast address");
    }
    return {target_kind::address, *address, {}, {}};
  }
  if (is_host_name(inner)) {
    return {target_kind::name, {}, std::string(inner), {}};
  }
  if (is_international_name(inner)) {
    const auto name = dns::ascii_host_name(inner);
    return name && is_host_name(*name) ? parsed_target{target_kind::name, {}, *name, {}}
                                       : bad(text, "is not a name that the DNS can hold");
  }
  return bad(text, "is neither an IPv4 or IPv6 address nor a host name");
}

} // namespace xprober::icmp
