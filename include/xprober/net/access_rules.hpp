#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/cidr.hpp"
#include "xprober/net/http_types.hpp"
#include "xprober/net/secret_hash.hpp"

namespace xprober::net {

/// Who asks, by what he shows.
enum class access_role : std::uint8_t {
  nobody,    ///< shows nothing that is known here
  reader,    ///< looks at everything
  operating, ///< an operator: may do everything
};

/// "nobody", "reader", "operator".
std::string_view to_string(access_role role) noexcept;

/// What a request needs.
enum class access_need : std::uint8_t {
  nothing,   ///< whether the process is healthy and ready, and signing in and out
  reading,   ///< to look at something
  operating, ///< to change or send something
};

/// What comes of it.
enum class access_verdict : std::uint8_t {
  allowed,
  unknown,   ///< 401: whoever this is, a credential is missing
  forbidden, ///< 403: the credential is known and is for less
};

/// What the request of a path, decoded and without its query, needs. `sends`: its GET sends
/// something.
access_need need_of(http::verb method, std::string_view path, bool sends) noexcept;

access_verdict judge_access(access_need need, access_role role) noexcept;

/// The token of an Authorization header with the scheme Bearer (RFC 6750, 2.1); nothing for another
/// scheme, and where there is no header.
std::optional<std::string_view> bearer_token(std::string_view authorization) noexcept;

/// What the holders of credentials are known by.
struct access_settings {
  std::string token;          ///< an operator's; empty: there is none
  std::string read_token;     ///< a reader's; empty: there is none
  bool certificates = false;  ///< who shows a client certificate that was verified is an operator
  std::string proxy_header{}; ///< in which a proxy names who asks through it; empty: none does
  std::vector<ip_block> proxy_networks{};     ///< where such proxies are
  std::vector<std::string> proxy_operators{}; ///< whom they name are operators, "*" is everyone
};

/// Knows credentials again. Without any of them there is no need to show one.
class access_rules {
public:
  access_rules() = default;
  explicit access_rules(const access_settings& settings);

  /// True where nobody has to show anything.
  bool is_open() const noexcept { return !has_tokens() && !certificates_ && proxy_header_.empty(); }

  bool has_tokens() const noexcept { return operators_ || readers_; }

  /// Whose token this is. Takes the same time for every token of one length.
  access_role role_of_token(std::string_view token) const;

  /// The role of who shows a verified certificate.
  access_role role_of_certificate() const noexcept {
    return certificates_ ? access_role::operating : access_role::nobody;
  }

  /// In which a proxy names who asks; empty: none does.
  const std::string& proxy_header() const noexcept { return proxy_header_; }

  /// Whether a peer, "192.0.2.1:50000" or "[2001:db8::1]:50000", is a proxy that is believed.
  bool is_proxy(std::string_view peer) const;

  /// The role of who is named by such a proxy: a reader where he is no operator, and nobody where
  /// it names none.
  access_role role_of_user(std::string_view user) const;

  /// Whether both have the same token for a role, or none.
  bool has_same_token(access_role role, const access_rules& other) const noexcept;

private:
  std::optional<secret_hash> operators_;
  std::optional<secret_hash> readers_;
  bool certificates_ = false;
  std::string proxy_header_;
  std::vector<ip_block> proxy_networks_;
  std::vector<std::string> proxy_operators_;
};

} // namespace xprober::net
