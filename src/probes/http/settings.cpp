#include "xprober/probes/http/settings.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

#include "xprober/base/authorization.hpp"
#include "xprober/base/read_file.hpp"
#include "xprober/probes/http/request.hpp"

namespace xprober::http {

namespace {

/// The text, or what is wrong as an exception.
std::string taken(read_text read) {
  if (!read.ok()) {
    throw std::runtime_error(read.error);
  }
  return std::move(read.text);
}

stream::tls_options tls_options_of(const http_config& config) {
  return {.section = "http",
          .ca_file = config.ca_file,
          .cert_file = config.cert_file,
          .key_file = config.key_file,
          .insecure_skip_verify = config.insecure_skip_verify,
          .min_version = config.min_tls_version,
          .max_version = config.max_tls_version,
          .alpn = "http/1.1"};
}

/// Nothing where there is no certificate to be kept back.
std::optional<stream::tls_context> anonymous_tls(const http_config& config) {
  if (config.cert_file.empty()) {
    return std::nullopt;
  }
  auto options = tls_options_of(config);
  options.cert_file.clear();
  options.key_file.clear();
  return std::optional<stream::tls_context>{std::in_place, options};
}

} // namespace

std::shared_ptr<const probe_settings> make_settings(const http_config& config,
                                                    const std::string& user_agent) {
  if (const auto wrong = check_request(config.method, config.headers); !wrong.empty()) {
    throw std::runtime_error(wrong);
  }
  auto body = config.body_file.empty() ? read_text{config.body, {}}
                                       : read_file(config.body_file, max_request_body);
  if (!body.ok()) {
    throw std::runtime_error("http.body_file: " + body.error);
  }
  auto authorization =
      taken(read_authorization("http.", config.bearer_token_file, config.basic_auth));
  usual_request usual{config.method, config.headers, user_agent, authorization, body.text};
  return std::shared_ptr<const probe_settings>(new probe_settings{
      .config = config,
      .tls = stream::tls_context{tls_options_of(config)},
      .tls_elsewhere = anonymous_tls(config),
      .checks = response_checks{config},
      .proxy = proxy_settings::make(config),
      .user_agent = user_agent,
      .body = std::move(body.text),
      .authorization = std::move(authorization),
      .usual = std::move(usual),
  });
}

} // namespace xprober::http
