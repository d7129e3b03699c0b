#include "xprober/domain/target.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <utility>

#include <xxhash.h>

#include "xprober/domain/ascii.hpp"

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

/// What all copies of a name share. Counted by hand: a shared_ptr would be twice as large.
struct prober_name::module {
  std::string name;
  std::optional<probe_type> base;
  bool builtin = false; ///< never goes, so that nobody has to count its users
  mutable std::atomic<std::uint32_t> users{1};
};

const prober_name::module& prober_name::builtin(probe_type type) noexcept {
  static const module icmp{"icmp", probe_type::icmp, true};
  static const module http{"http", probe_type::http, true};
  return type == probe_type::icmp ? icmp : http;
}

prober_name::prober_name(probe_type type) noexcept : module_(&builtin(type)) {}

prober_name::prober_name(std::string_view name, std::optional<probe_type> base) {
  if (const auto type = parse_probe_type(name)) {
    module_ = &builtin(*type);
  } else {
    module_ = new module{std::string{name}, base};
  }
}

prober_name::prober_name(const prober_name& other) noexcept : module_(other.module_) {
  if (!module_->builtin) {
    module_->users.fetch_add(1, std::memory_order_relaxed);
  }
}

prober_name::prober_name(prober_name&& other) noexcept
    : module_(std::exchange(other.module_, &builtin(probe_type::icmp))) {}

prober_name& prober_name::operator=(prober_name other) noexcept {
  std::swap(module_, other.module_);
  return *this;
}

prober_name::~prober_name() {
  if (!module_->builtin && module_->users.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    delete module_;
  }
}

std::string_view prober_name::text() const noexcept { return module_->name; }

std::optional<probe_type> prober_name::base() const noexcept { return module_->base; }

bool prober_name::is_builtin() const noexcept { return module_->builtin; }

bool prober_name::operator==(const prober_name& other) const noexcept {
  return module_ == other.module_ || module_->name == other.module_->name;
}

std::strong_ordering prober_name::operator<=>(const prober_name& other) const noexcept {
  return module_->name <=> other.module_->name;
}

bool is_prober_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return ascii::is_alnum(c) || c == '_' || c == '-' || c == '.';
  });
}

std::uint64_t stable_hash(const target_uid& uid) noexcept {
  // Each field hashed on its own and the hashes hashed together: no length can run into the next
  // field, and nothing is copied.
  const std::array<std::uint64_t, 3> parts{
      XXH3_64bits(uid.region.data(), uid.region.size()),
      XXH3_64bits(uid.address.data(), uid.address.size()),
      // The numbers of the built-in types keep the hashes that are known by links and phases.
      uid.type.is_builtin() ? static_cast<std::uint64_t>(*uid.type.base())
                            : XXH3_64bits(uid.type.text().data(), uid.type.text().size()),
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

std::optional<std::string> take_user_info(std::string& url) {
  const auto scheme = url.find("://");
  const auto begin = scheme == std::string::npos ? 0 : scheme + 3;
  const auto end = std::min(url.find_first_of("/?#", begin), url.size());
  const auto at = url.substr(0, end).rfind('@');
  if (at == std::string::npos || at < begin) {
    return std::nullopt;
  }
  auto user = url.substr(begin, at - begin);
  url.erase(begin, at - begin + 1);
  return user;
}

} // namespace xprober
