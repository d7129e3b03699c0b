#include "xprober/probes/http/settings.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "xprober/probes/http/request.hpp"

namespace xprober::http {

namespace {

constexpr std::size_t max_secret = 64UL * 1024;

std::string read_file(const char* key, const std::string& path, std::size_t limit) {
  std::ifstream file{path, std::ios::binary};
  std::string text(limit + 1, '\0');
  if (file) {
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
  }
  if (!file.is_open() || file.bad()) {
    throw std::runtime_error("http." + std::string{key} + ": " + path +
                             " cannot be read: " + std::strerror(errno));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > limit) {
    throw std::runtime_error("http." + std::string{key} + ": " + path + " is longer than " +
                             std::to_string(limit) + " bytes");
  }
  return text;
}

std::string read_secret(const char* key, const std::string& path) {
  auto text = read_file(key, path, max_secret);
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  if (text.empty() || !is_header_value(text)) {
    throw std::runtime_error("http." + std::string{key} + ": " + path +
                             (text.empty() ? " is empty" : " holds a control character"));
  }
  return text;
}

std::string authorization_of(const http_config& config) {
  if (!config.bearer_token_file.empty()) {
    return "Bearer " + read_secret("bearer_token_file", config.bearer_token_file);
  }
  const auto& basic = config.basic_auth;
  if (basic.username.empty() && basic.password.empty() && basic.password_file.empty()) {
    return {};
  }
  const auto password = basic.password_file.empty()
                            ? basic.password
                            : read_secret("basic_auth.password_file", basic.password_file);
  return "Basic " + base64(basic.username + ":" + password);
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

} // namespace

std::shared_ptr<const probe_settings> make_settings(const http_config& config,
                                                    const std::string& user_agent) {
  if (const auto wrong = check_request(config.method, config.headers); !wrong.empty()) {
    throw std::runtime_error(wrong);
  }
  auto body = config.body_file.empty() ? config.body
                                       : read_file("body_file", config.body_file, max_request_body);
  return std::shared_ptr<const probe_settings>(new probe_settings{
      .config = config,
      .tls = stream::tls_context{tls_options_of(config)},
      .checks = response_checks{config},
      .proxy = proxy_settings::make(config),
      .user_agent = user_agent,
      .body = std::move(body),
      .authorization = authorization_of(config),
  });
}

} // namespace xprober::http
