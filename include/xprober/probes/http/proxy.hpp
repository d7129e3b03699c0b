#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/cidr.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/probes/http/url.hpp"

namespace xprober::http {

/// One HTTP proxy, spoken to over TCP or, by its URL's scheme, TLS.
class proxy_server {
public:
  /// `key` is what errors name: throws std::runtime_error where the URL cannot be used.
  proxy_server(const std::string& url, const std::string& key);

  const http_url& address() const noexcept { return url_; }

  /// The value of Proxy-Authorization; empty where the proxy's URL names no user.
  const std::string& authorization() const noexcept { return authorization_; }

  /// The request for a tunnel to `url`'s host (RFC 9110, section 9.3.6).
  std::string connect_request(const http_url& url, const std::string& user_agent) const;

private:
  http_url url_;
  std::string authorization_;
};

/// The proxies of a configuration, and the hosts that are reached without them.
class proxy_settings {
public:
  /// Null where no proxy is configured. With `proxy_from_environment` the variables are read here,
  /// as Go's programs read them: HTTP_PROXY or http_proxy for http, HTTPS_PROXY or https_proxy for
  /// https, NO_PROXY or no_proxy; this machine's own names and loopback addresses need none.
  /// Throws std::runtime_error that names the key.
  static std::unique_ptr<const proxy_settings> make(const http_config& config);

  /// The proxy that `url` is to be asked for through; null: none.
  const proxy_server* server_for(const http_url& url) const;

private:
  struct bypassed_name {
    std::string name;       ///< lower case, for itself and what is below it
    std::uint16_t port = 0; ///< 0: any
  };
  struct bypassed_block {
    ip_block block;
    std::uint16_t port = 0;
  };

  void bypass(std::string_view entry);
  bool is_bypassed(const http_url& url) const;

  std::optional<proxy_server> plain_;  ///< for http
  std::optional<proxy_server> secure_; ///< for https
  bool bypass_all_ = false;            ///< "*"
  bool bypass_loopback_ = false;
  std::vector<bypassed_name> names_;
  std::vector<bypassed_block> blocks_;
};

} // namespace xprober::http
