#include "xprober/net/access_rules.hpp"

#include <algorithm>
#include <array>

#include "xprober/domain/address.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/net/browser_guard.hpp"

namespace xprober::net {

namespace {

/// What a service manager, a load balancer and who has not signed in yet must reach.
constexpr std::array<std::string_view, 6> open_paths{
    "/-/healthy", "/-/ready", "/sign-in", "/sign-out", "/api/v1/sign-in", "/api/v1/sign-out"};

std::optional<secret_hash> hash_of_token(const std::string& token) {
  return token.empty() ? std::nullopt : std::optional{hash_secret(token)};
}

} // namespace

std::string_view to_string(access_role role) noexcept {
  switch (role) {
  case access_role::nobody: return "nobody";
  case access_role::reader: return "reader";
  case access_role::operating: return "operator";
  }
  return "nobody";
}

access_need need_of(http::verb method, std::string_view path, bool sends) noexcept {
  if (std::ranges::find(open_paths, path) != open_paths.end()) {
    return access_need::nothing;
  }
  return sends || changes_something(method) ? access_need::operating : access_need::reading;
}

access_verdict judge_access(access_need need, access_role role) noexcept {
  if (need == access_need::nothing || role == access_role::operating) {
    return access_verdict::allowed;
  }
  if (role == access_role::nobody) {
    return access_verdict::unknown;
  }
  return need == access_need::reading ? access_verdict::allowed : access_verdict::forbidden;
}

std::optional<std::string_view> bearer_token(std::string_view authorization) noexcept {
  constexpr std::string_view scheme = "bearer ";
  if (!ascii::starts_with(authorization, scheme)) {
    return std::nullopt;
  }
  return ascii::trim(authorization.substr(scheme.size()));
}

access_rules::access_rules(const access_settings& settings)
    : operators_(hash_of_token(settings.token)), readers_(hash_of_token(settings.read_token)),
      certificates_(settings.certificates), proxy_header_(settings.proxy_header),
      proxy_networks_(settings.proxy_networks), proxy_operators_(settings.proxy_operators) {}

access_role access_rules::role_of_token(std::string_view token) const {
  const auto shown = hash_secret(token);
  // Both are compared: which of them it is not does not show in the time.
  const bool of_operator = operators_ && is_same_secret(shown, *operators_);
  const bool of_reader = readers_ && is_same_secret(shown, *readers_);
  if (of_operator) {
    return access_role::operating;
  }
  return of_reader ? access_role::reader : access_role::nobody;
}

bool access_rules::is_proxy(std::string_view peer) const {
  if (proxy_header_.empty()) {
    return false;
  }
  std::string ignored;
  const auto where = parse_host_port(peer, ignored);
  const auto address = where ? parse_ip(where->host) : std::nullopt;
  return address && std::ranges::any_of(proxy_networks_, [&](const ip_block& block) {
           return block.contains(*address);
         });
}

access_role access_rules::role_of_user(std::string_view user) const {
  if (user.empty()) {
    return access_role::nobody;
  }
  const bool operates = std::ranges::any_of(
      proxy_operators_, [&](const std::string& name) { return name == "*" || name == user; });
  return operates ? access_role::operating : access_role::reader;
}

bool access_rules::has_same_token(access_role role, const access_rules& other) const noexcept {
  return role == access_role::operating ? operators_ == other.operators_
                                        : readers_ == other.readers_;
}

} // namespace xprober::net
