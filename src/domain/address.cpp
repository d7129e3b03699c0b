#include "xprober/domain/address.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/label_text.hpp"

namespace xprober {

namespace {

bool is_label(std::string_view label) noexcept {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_'; });
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || failure != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return port;
}

/// Cuts "host" or "[v6]" off the front of `text`; what is left is empty or begins with ':'.
bool take_host(std::string_view& text, std::string& host, std::string& error,
               bool international = false) {
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    const auto inner = close == text.npos ? std::string_view{} : text.substr(1, close - 1);
    const auto address = parse_ip(inner);
    if (!address || !address->v6) {
      error = "what stands in brackets is no IPv6 address";
      return false;
    }
    host = inner;
    text.remove_prefix(close + 1);
    if (!text.empty() && text.front() != ':') {
      error = "only ':' and a port may follow the closing bracket";
      return false;
    }
    return true;
  }
  const auto colon = text.find(':');
  if (colon != text.npos && text.find(':', colon + 1) != text.npos) {
    error = text.find_first_not_of("0123456789abcdefABCDEF:.") == text.npos
                ? "an IPv6 address needs brackets, as in [::1]:6001"
                : "there is more than one ':'";
    return false;
  }
  host = text.substr(0, colon);
  text.remove_prefix(colon == text.npos ? text.size() : colon);
  if (!host.empty() && !parse_ip(host) && !is_host_name(host) &&
      !(international && is_international_name(host))) {
    // The text itself is not told: it can be a part of a password that has a '/' in it.
    error = "the host is neither an address nor a host name";
    return false;
  }
  return true;
}

bool has_blank_or_control(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7F;
  });
}

} // namespace

std::optional<ip_address> parse_ip(std::string_view text) {
  // The longest form has 45 characters; longer text never reaches the copy.
  if (text.empty() || text.size() > 45 || text.find('\0') != text.npos) {
    return std::nullopt;
  }
  const std::string terminated{text};
  ip_address address;
  address.v6 = text.find(':') != text.npos;
  if (::inet_pton(address.v6 ? AF_INET6 : AF_INET, terminated.c_str(), address.bytes.data()) != 1) {
    return std::nullopt;
  }
  return address;
}

std::string to_string(const ip_address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), text.data(), text.size());
  return text.data();
}

bool is_link_local_ip6(const ip_address& address) noexcept {
  return address.v6 && address.bytes[0] == 0xFE && (address.bytes[1] & 0xC0) == 0x80;
}

std::string unusable_address(const ip_address& address, bool has_zone) {
  constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (address.v6 && std::equal(mapped.begin(), mapped.end(), address.bytes.begin())) {
    ip_address inner;
    std::copy(address.bytes.begin() + mapped.size(), address.bytes.end(), inner.bytes.begin());
    return unusable_address(inner, false);
  }
  const auto size = static_cast<std::ptrdiff_t>(address.bits() / 8);
  const auto all = [&](std::uint8_t value) {
    return std::all_of(address.bytes.begin(), address.bytes.begin() + size,
                       [=](std::uint8_t b) { return b == value; });
  };
  const auto text = to_string(address);
  if (all(0)) {
    return text + " is the unspecified address: it names no host";
  }
  if (address.v6 ? address.bytes[0] == 0xFF : (address.bytes[0] & 0xF0) == 0xE0) {
    return text + " is a multicast address: it names a group, not a host";
  }
  if (!address.v6 && all(0xFF)) {
    return text + " is the broadcast address: it names no single host";
  }
  if (is_link_local_ip6(address) && !has_zone) {
    return text + " is a link-local address and its zone is missing: add the interface, as in "
                  "fe80::1%eth0 or http://[fe80::1%25eth0]/";
  }
  return {};
}

bool is_host_name(std::string_view text) noexcept {
  if (text.ends_with('.')) {
    text.remove_suffix(1);
  }
  if (text.empty() || text.size() > 253 || std::all_of(text.begin(), text.end(), [](char c) {
        return ascii::is_digit(c) || c == '.';
      })) {
    return false;
  }
  while (true) {
    const auto dot = text.find('.');
    if (!is_label(text.substr(0, dot))) {
      return false;
    }
    if (dot == text.npos) {
      return true;
    }
    text.remove_prefix(dot + 1);
  }
}

bool is_international_name(std::string_view text) noexcept {
  const auto is_foreign = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  return text.size() <= 253 && is_clean_text(text) &&
         std::any_of(text.begin(), text.end(), is_foreign) &&
         std::all_of(text.begin(), text.end(), [&](char c) {
           return is_foreign(c) || ascii::is_alnum(c) || c == '-' || c == '_' || c == '.';
         });
}

std::optional<host_port> parse_host_port(std::string_view text, std::string& error) {
  host_port result;
  if (text.find(':') == text.npos) {
    error = "the port is missing";
    return std::nullopt;
  }
  if (!take_host(text, result.host, error)) {
    return std::nullopt;
  }
  if (text.empty()) {
    error = "the port is missing";
    return std::nullopt;
  }
  const auto port = parse_port(text.substr(1));
  if (!port) {
    error = "the port is not a number from 0 to 65535";
    return std::nullopt;
  }
  result.port = *port;
  return result;
}

std::optional<host_port> parse_address_port(std::string_view text, std::uint16_t default_port,
                                            std::string& error) {
  if (parse_ip(text)) {
    return host_port{std::string{text}, default_port};
  }
  host_port result{{}, default_port};
  if (!take_host(text, result.host, error)) {
    return std::nullopt;
  }
  if (!parse_ip(result.host)) {
    error = result.host.empty() ? "the address is missing"
                                : "'" + result.host + "' is not a numeric address";
    return std::nullopt;
  }
  if (text.empty()) {
    return result;
  }
  const auto port = parse_port(text.substr(1));
  if (!port || *port == 0) {
    error = "the port is not a number from 1 to 65535";
    return std::nullopt;
  }
  result.port = *port;
  return result;
}

std::string to_string(const host_port& address) {
  const bool brackets = address.host.find(':') != std::string::npos;
  return (brackets ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

std::size_t scheme_prefix(std::string_view url) noexcept {
  const auto colon = url.find_first_of(":/?#@[");
  return colon != url.npos && colon > 0 && url.substr(colon).starts_with("://") ? colon + 3 : 0;
}

std::optional<url_parts> parse_url(std::string_view text, std::string& error) {
  if (has_blank_or_control(text)) {
    error = "a URL has no blanks or control characters";
    return std::nullopt;
  }
  const auto prefix = scheme_prefix(text);
  if (prefix == 0) {
    error = "the scheme is missing, as in http://host/";
    return std::nullopt;
  }
  url_parts url;
  for (const char c : text.substr(0, prefix - 3)) {
    if (!ascii::is_alnum(c) && c != '+' && c != '-' && c != '.') {
      error = "the scheme before :// is malformed";
      return std::nullopt;
    }
    url.scheme += ascii::lower(c);
  }
  text.remove_prefix(prefix);
  const auto slash = std::min(text.find_first_of("/?#"), text.size());
  auto authority = text.substr(0, slash);
  url.target = text.substr(slash);
  if (const auto at = authority.rfind('@'); at != authority.npos) {
    url.userinfo = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  if (!take_host(authority, url.host, error, true)) {
    return std::nullopt;
  }
  if (url.host.empty()) {
    error = "the host is missing";
    return std::nullopt;
  }
  if (!authority.empty() && authority != ":") {
    url.port = parse_port(authority.substr(1));
    if (!url.port || *url.port == 0) {
      error = "the port is not a number from 1 to 65535";
      return std::nullopt;
    }
  }
  return url;
}

} // namespace xprober
