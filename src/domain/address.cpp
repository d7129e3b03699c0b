#include "xprober/domain/address.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <arpa/inet.h>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/host_text.hpp"
#include "xprober/domain/label_text.hpp"

namespace xprober {

namespace {

bool is_label(std::string_view label) noexcept {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_'; });
}

/// Four decimal numbers without leading zeros, as inet_pton reads them: every probe of an address
/// asks for it.
bool read_ip4(std::string_view text, ip_address& out) noexcept {
  std::size_t number = 0;
  for (bool begun = false; const char c : text) {
    auto& byte = out.bytes[number];
    if (c == '.' && begun && number < 3) {
      ++number;
      begun = false;
      continue;
    }
    const auto value = byte * 10U + static_cast<unsigned>(c - '0');
    if (!ascii::is_digit(c) || (begun && byte == 0) || value > 255) {
      return false;
    }
    byte = static_cast<std::uint8_t>(value);
    begun = true;
  }
  return number == 3 && text.back() != '.';
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
  if (text.empty() || text.size() > 45) {
    return std::nullopt;
  }
  ip_address address;
  address.v6 = text.find(':') != text.npos;
  if (!address.v6) {
    return read_ip4(text, address) ? std::optional{address} : std::nullopt;
  }
  const std::string terminated{text};
  if (text.find('\0') != text.npos ||
      ::inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) != 1) {
    return std::nullopt;
  }
  return address;
}

std::string to_string(const ip_address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.v6) {
    ::inet_ntop(AF_INET6, address.bytes.data(), text.data(), text.size());
    return text.data();
  }
  // Every probe asks for it, and inet_ntop prints it with snprintf.
  auto* end = text.data();
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0) {
      *end++ = '.';
    }
    end = std::to_chars(end, text.data() + text.size(), unsigned{address.bytes[i]}).ptr;
  }
  return {text.data(), end};
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
  if (all(0)) {
    return to_string(address) + " is the unspecified address: it names no host";
  }
  if (address.v6 ? address.bytes[0] == 0xFF : (address.bytes[0] & 0xF0) == 0xE0) {
    return to_string(address) + " is a multicast address: it names a group, not a host";
  }
  if (!address.v6 && all(0xFF)) {
    return to_string(address) + " is the broadcast address: it names no single host";
  }
  if (is_link_local_ip6(address) && !has_zone) {
    return to_string(address) +
           " is a link-local address and its zone is missing: add the interface, as in "
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
  if (text.find(':') == text.npos) {
    error = "the port is missing";
    return std::nullopt;
  }
  target_host host;
  host_port result;
  if (!take_host(text, {.may_be_empty = true}, host, error) ||
      !read_port(text, result.port, error, 0)) {
    return std::nullopt;
  }
  result.host = host.whole();
  return result;
}

std::optional<host_port> parse_address_port(std::string_view text, std::uint16_t default_port,
                                            std::string& error) {
  target_host host;
  host_port result{{}, default_port};
  if (const auto bare = parse_ip(text)) {
    host.address = bare;
    host.text = std::exchange(text, {});
  } else if (!take_host(text, {.may_be_empty = true}, host, error)) {
    return std::nullopt;
  }
  if (!host.address) {
    error = host.text.empty() ? "the address is missing"
                              : "'" + host.text + "' is not a numeric address";
    return std::nullopt;
  }
  if (!host.zone.empty() || is_link_local_ip6(*host.address)) {
    error = "a link-local address needs a zone, and one with a zone is not possible here";
    return std::nullopt;
  }
  error = unusable_address(*host.address, false);
  if (!error.empty()) {
    return std::nullopt;
  }
  result.host = std::move(host.text);
  return text.empty() || read_port(text, result.port, error) ? std::optional{std::move(result)}
                                                             : std::nullopt;
}

std::string to_string(const host_port& address) {
  const bool brackets = address.host.find(':') != std::string::npos;
  return (brackets ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

std::size_t scheme_prefix(std::string_view url) noexcept {
  const auto ends = [](char c) {
    return c == ':' || c == '/' || c == '?' || c == '#' || c == '@' || c == '[';
  };
  const auto colon = static_cast<std::size_t>(std::ranges::find_if(url, ends) - url.begin());
  return colon > 0 && url.substr(colon).starts_with("://") ? colon + 3 : 0;
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
  const auto cut = cut_url(text.substr(prefix));
  auto authority = cut.authority;
  url.userinfo = cut.user.value_or("");
  url.target = cut.rest;
  target_host host;
  if (!take_host(authority, {.in_url = true}, host, error)) {
    return std::nullopt;
  }
  if (host.address) {
    error = unusable_address(*host.address, !host.zone.empty());
    if (!error.empty()) {
      return std::nullopt;
    }
  }
  url.host = std::move(host.text);
  url.zone = std::move(host.zone);
  std::uint16_t port = 0;
  if (!authority.empty() && authority != ":") {
    if (!read_port(authority, port, error)) {
      return std::nullopt;
    }
    url.port = port;
  }
  return url;
}

} // namespace xprober
