#include "xprober/domain/target.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <deque>
#include <iterator>
#include <utility>

#include <xxhash.h>

#include "xprober/domain/address.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/domain/cidr.hpp"
#include "xprober/domain/hex.hpp"
#include "xprober/domain/host_text.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/percent.hpp"
#include "xprober/domain/url_secrets.hpp"

namespace xprober {

/// What all copies of a name share. Counted by hand: a shared_ptr would be twice as large.
struct prober_name::module {
  std::string name;
  const probe_kind* kind = nullptr;
  bool lasting = false; ///< never goes, so that nobody has to count its users
  mutable std::atomic<std::uint32_t> users{1};
};

const prober_name::module* prober_name::builtin(const probe_kind* kind) noexcept {
  static const auto all = [] {
    std::deque<module> modules;
    for (const auto& k : builtin_kinds()) {
      modules.emplace_back(k.name, &k, true);
    }
    return modules;
  }();
  static const module none{{}, nullptr, true};
  if (kind == nullptr) {
    return &none;
  }
  const auto place = kind - builtin_kinds().data();
  const bool inside = place >= 0 && place < std::ssize(builtin_kinds());
  return inside ? &all[static_cast<std::size_t>(place)] : nullptr;
}

prober_name::prober_name() noexcept : module_(builtin(nullptr)) {}

prober_name::prober_name(const probe_kind& kind) : module_(builtin(&kind)) {
  if (module_ == nullptr) {
    module_ = new module{kind.name, &kind};
  }
}

prober_name::prober_name(std::string_view name, const probe_kind* base) {
  const auto* kind = find_kind(name);
  module_ = kind != nullptr ? builtin(kind) : new module{std::string{name}, base};
}

prober_name::prober_name(const prober_name& other) noexcept : module_(other.module_) {
  if (!module_->lasting) {
    module_->users.fetch_add(1, std::memory_order_relaxed);
  }
}

prober_name::prober_name(prober_name&& other) noexcept
    : module_(std::exchange(other.module_, builtin(nullptr))) {}

prober_name& prober_name::operator=(prober_name other) noexcept {
  std::swap(module_, other.module_);
  return *this;
}

prober_name::~prober_name() {
  if (!module_->lasting && module_->users.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    delete module_;
  }
}

std::string_view prober_name::text() const noexcept { return module_->name; }

const probe_kind* prober_name::kind() const noexcept { return module_->kind; }

target_form prober_name::takes() const noexcept {
  return module_->kind == nullptr ? target_form::url : module_->kind->takes;
}

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
  return stable_hash(uid.region, uid.address, uid.type.text());
}

std::uint64_t stable_hash(std::string_view region, std::string_view address,
                          std::string_view type) noexcept {
  // Each field hashed on its own and the hashes hashed together: no length can run into the next
  // field, and nothing is copied.
  const std::array<std::uint64_t, 3> parts{
      XXH3_64bits(region.data(), region.size()),
      XXH3_64bits(address.data(), address.size()),
      XXH3_64bits(type.data(), type.size()),
  };
  return XXH3_64bits(parts.data(), sizeof(parts));
}

std::string uid_text(const target_uid& uid) { return uid_text(stable_hash(uid)); }

std::string uid_text(std::uint64_t hash) { return hex_number(hash); }

std::optional<std::uint64_t> parse_uid_text(std::string_view text) noexcept {
  std::uint64_t hash = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), hash, 16);
  if (text.size() != 16 || error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return hash;
}

std::optional<std::string> take_user_info(std::string& url) {
  const auto begin = scheme_prefix(url);
  const auto cut = cut_url(std::string_view{url}.substr(begin));
  if (!cut.user) {
    return std::nullopt;
  }
  std::string user{*cut.user};
  url.erase(begin, user.size() + 1);
  // What stood behind the user was a host and a path; alone it would say something else.
  std::string ignored;
  if (begin == 0 && (scheme_prefix(url) > 0 || parse_block(url, ignored))) {
    url.insert(0, "http://");
  }
  return user;
}

std::string plain_user_info(std::string_view user_info) {
  const auto colon = std::min(user_info.find(':'), user_info.size());
  return percent_decode(user_info.substr(0, colon)) + ":" +
         percent_decode(user_info.substr(std::min(colon + 1, user_info.size())));
}

std::optional<std::string> take_user(const prober_name& type, std::string& address) {
  if (!may_hold_user(type)) {
    return std::nullopt;
  }
  // NAME@SERVER[:PORT] has no user.
  const bool is_name = type.kind() == nullptr && scheme_prefix(address) == 0 &&
                       address.find(':') >= address.find('@');
  auto taken = is_name ? std::nullopt : take_user_info(address);
  if (const auto query = hide_query_secrets(address)) {
    taken = taken.value_or("") + "?" + *query;
  }
  return taken;
}

} // namespace xprober
