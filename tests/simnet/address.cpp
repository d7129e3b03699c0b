#include "simnet/address.hpp"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

#include "simnet/draw.hpp"

namespace simnet {

address address::of(std::span<const std::uint8_t> from) noexcept {
  address a;
  a.ip6 = from.size() == 16;
  std::copy(from.begin(), from.end(), a.bytes.begin());
  return a;
}

std::optional<address> parse_address(const std::string& text) {
  address a;
  a.ip6 = text.find(':') != std::string::npos;
  if (inet_pton(a.ip6 ? AF_INET6 : AF_INET, text.c_str(), a.bytes.data()) != 1) {
    return std::nullopt;
  }
  return a;
}

std::string to_string(const address& a) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(a.ip6 ? AF_INET6 : AF_INET, a.bytes.data(), text.data(), text.size());
  return text.data();
}

bool block::contains(const address& a) const noexcept {
  if (a.ip6 != base.ip6) {
    return false;
  }
  const std::size_t whole = bits / 8;
  if (!std::equal(a.bytes.begin(), a.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                  base.bytes.begin())) {
    return false;
  }
  const unsigned rest = bits % 8;
  return rest == 0 || (a.bytes[whole] ^ base.bytes[whole]) >> (8 - rest) == 0;
}

std::optional<block> parse_block(const std::string& text) {
  const auto slash = text.find('/');
  const auto base = parse_address(text.substr(0, slash));
  if (!base) {
    return std::nullopt;
  }
  const auto most = static_cast<unsigned>(base->size() * 8);
  if (slash == std::string::npos) {
    return block{*base, most};
  }
  unsigned bits = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + slash + 1, end, bits);
  if (error != std::errc{} || stop != end || bits > most) {
    return std::nullopt;
  }
  return block{*base, bits};
}

std::size_t address_hash::operator()(const address& a) const noexcept {
  return static_cast<std::size_t>(hash_of(a, 0));
}

} // namespace simnet
