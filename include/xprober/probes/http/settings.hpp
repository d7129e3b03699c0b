#pragma once

#include <memory>
#include <optional>
#include <string>

#include "xprober/domain/config.hpp"
#include "xprober/probes/http/proxy.hpp"
#include "xprober/probes/http/request.hpp"
#include "xprober/probes/http/response_checks.hpp"
#include "xprober/probes/stream/tls.hpp"

namespace xprober::http {

/// What all probes of one configuration share: the configuration, and what was made of it once.
/// Never changes.
struct probe_settings {
  http_config config;
  stream::tls_context tls;
  /// For whoever is not the first host, where `tls` has a certificate of the prober's own; nothing:
  /// `tls` is for all.
  std::optional<stream::tls_context> tls_elsewhere;
  response_checks checks;
  std::unique_ptr<const proxy_settings> proxy; ///< null: none
  std::string user_agent;
  std::string body;          ///< of the request
  std::string authorization; ///< value of the header; empty: none
  usual_request usual;
};

/// Reads the files that a configuration names. Throws std::runtime_error that names the key of
/// what cannot be used: a file, the method, a header, an expression, the proxy.
std::shared_ptr<const probe_settings> make_settings(const http_config& config,
                                                    const std::string& user_agent);

} // namespace xprober::http
