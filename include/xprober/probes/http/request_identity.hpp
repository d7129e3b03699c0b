#pragma once

#include <map>
#include <memory>
#include <string>

#include "xprober/domain/config.hpp"
#include "xprober/probes/http/url.hpp"

namespace xprober::http {

/// As whom a probe asks whom: its headers, and the name for TLS.
class request_identity {
public:
  using header_map = std::map<std::string, std::string>;

  explicit request_identity(const http_config& config) : config_(config) {}

  /// Asks the first host for a virtual one, in place of the configured Host header.
  void ask_for(const std::string& hostname);

  const header_map& headers() const noexcept { return headers_ ? *headers_ : config_.headers; }

  /// Whom the Host header names that goes to `url`, in lower case; empty: the URL's own host, or
  /// nobody that a name could be of.
  std::string host_named(const http_url& url, const http_url& first) const;

  /// Whom TLS asks for in place of `url`'s host: the configured name, else the first host's Host
  /// header, as a virtual host is reached by its address; empty: the host itself.
  std::string tls_name(const http_url& url, const http_url& first) const;

private:
  const http_config& config_;
  std::unique_ptr<const header_map> headers_; ///< null: the configuration's
};

} // namespace xprober::http
