#include "xprober/probes/icmp/host_address.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <system_error>

#include <arpa/inet.h>
#include <net/if.h>

#include "xprober/domain/address.hpp"
#include "xprober/domain/target_text.hpp"

namespace xprober::icmp {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

/// The address of a target with its interface; nothing where there is no such interface here.
std::optional<host_address> address_of(const target_host& host) {
  host_address address;
  address.bytes = host.address->bytes;
  if (!host.address->v6) {
    return address;
  }
  if (std::equal(mapped_prefix.begin(), mapped_prefix.end(), address.bytes.begin())) {
    return ip4_address(host.address->bytes.data() + mapped_prefix.size());
  }
  address.family = ip_family::ip6;
  if (host.zone.empty()) {
    return address;
  }
  address.scope = if_nametoindex(host.zone.c_str());
  if (address.scope == 0) {
    const char* last = host.zone.data() + host.zone.size();
    const auto read = std::from_chars(host.zone.data(), last, address.scope);
    if (read.ec != std::errc{} || read.ptr != last) {
      return std::nullopt; // the name of an interface that is not there may begin with digits
    }
  }
  return address.scope != 0 ? std::optional{address} : std::nullopt;
}

} // namespace

bool same_host(const host_address& source, const host_address& target) noexcept {
  return source.family == target.family && source.bytes == target.bytes &&
         (source.scope == target.scope || source.scope == 0 || target.scope == 0);
}

std::string to_string(const host_address& address) {
  std::string result = to_string(ip_address{address.bytes, address.family == ip_family::ip6});
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
  parsed_target out;
  // What nearly all targets are needs no copy of its text and no other reading.
  if (const auto plain = parse_ip(text);
      plain && !plain->v6 && unusable_address(*plain, false).empty()) {
    out.kind = target_kind::address;
    out.address = ip4_address(plain->bytes.data());
    return out;
  }
  const auto target = parse_address_target(text, out.problem);
  if (!target) {
    return out;
  }
  if (target->block) {
    out.problem = "a probe is of one address, not of a block";
  } else if (!target->host.address) {
    out.kind = target_kind::name;
    out.host = target->host.text;
  } else if (const auto address = address_of(target->host)) {
    out.kind = target_kind::address;
    out.address = *address;
  } else {
    out.problem = "this machine has no interface '" + target->host.zone + "'";
  }
  return out;
}

} // namespace xprober::icmp
