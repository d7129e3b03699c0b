#include "xprober/domain/target.hpp"

#include <array>
#include <charconv>

#include <xxhash.h>

namespace xprober {

std::string_view to_string(probe_type type) noexcept {
  return type == probe_type::icmp ? "icmp" : "http";
}

std::optional<probe_type> parse_probe_type(std::string_view name) noexcept {
  if (name == "icmp") {
    return probe_type::icmp;
  }
  if (name == "http") {
    return probe_type::http;
  }
  return std::nullopt;
}

std::uint64_t stable_hash(const target_uid& uid) noexcept {
  // Each field hashed on its own and the hashes hashed together: no length can run into the next
  // field, and nothing is copied.
  const std::array<std::uint64_t, 3> parts{
      XXH3_64bits(uid.region.data(), uid.region.size()),
      XXH3_64bits(uid.address.data(), uid.address.size()),
      static_cast<std::uint64_t>(uid.type),
  };
  return XXH3_64bits(parts.data(), sizeof(parts));
}

std::string uid_text(const target_uid& uid) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(16, '0');
  std::uint64_t hash = stable_hash(uid);
  for (auto i = text.rbegin(); i != text.rend(); ++i) {
    *i = digits[hash & 0xF];
    hash >>= 4;
  }
  return text;
}

std::optional<std::uint64_t> parse_uid_text(std::string_view text) noexcept {
  std::uint64_t hash = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), hash, 16);
  if (text.size() != 16 || error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return hash;
}

} // namespace xprober
