#pragma once

#include <memory>
#include <string>
#include <vector>

#include "xprober/domain/cidr.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/probes/http/url.hpp"

namespace xprober::http {

/// The HTTP proxy of a configuration, and the hosts that are reached without it.
class proxy_settings {
public:
  /// Null where no proxy is configured. Throws std::runtime_error that names the key.
  static std::unique_ptr<const proxy_settings> make(const http_config& config);

  /// True if `url` is to be asked for through the proxy.
  bool is_for(const http_url& url) const;

  const http_url& address() const noexcept { return url_; }

  /// The value of Proxy-Authorization; empty where the proxy's URL names no user.
  const std::string& authorization() const noexcept { return authorization_; }

  /// The request for a tunnel to `url`'s host (RFC 9110, section 9.3.6).
  std::string connect_request(const http_url& url, const std::string& user_agent) const;

private:
  http_url url_;
  std::string authorization_;
  bool never_ = false;             ///< `no_proxy` has "*"
  std::vector<std::string> names_; ///< lower case, for themselves and what is below them
  std::vector<ip_block> blocks_;
};

} // namespace xprober::http
