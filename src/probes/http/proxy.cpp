#include "xprober/probes/http/proxy.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "xprober/base/authorization.hpp"
#include "xprober/domain/ascii.hpp"

namespace xprober::http {

namespace {

constexpr const char* environment_key = "http.proxy_from_environment";

bool is_below(std::string_view host, std::string_view name) {
  if (host.ends_with('.')) {
    host.remove_suffix(1);
  }
  return host == name || (host.size() > name.size() && host.ends_with(name) &&
                          host[host.size() - name.size() - 1] == '.');
}

bool holds(const ip_block& block, const ip_address& address) {
  std::string ignored;
  const auto masked = parse_block(to_string(address) + "/" + std::to_string(block.prefix), ignored);
  return address.v6 == block.first.v6 && masked && masked->first == block.first;
}

bool is_loopback(const http_url& url) {
  const auto address = parse_ip(url.host);
  if (!address) {
    return is_below(url.host, "localhost");
  }
  std::string ignored;
  return holds(*parse_block(address->v6 ? "::1/128" : "127.0.0.0/8", ignored), *address);
}

/// A variable by its name in capitals, else in small letters.
std::string variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') {
    value = std::getenv(ascii::to_lower(name).c_str());
  }
  return value == nullptr ? std::string{} : value;
}

std::optional<proxy_server> server_of(const char* name) {
  const auto url = variable(name);
  return url.empty() ? std::nullopt
                     : std::optional<proxy_server>{std::in_place, url,
                                                   std::string{environment_key} + ": $" + name};
}

} // namespace

proxy_server::proxy_server(const std::string& url, const std::string& key) {
  auto parsed = parse_target(url);
  if (!parsed.url) {
    throw std::runtime_error(key + ": " + parsed.error);
  }
  url_ = std::move(*parsed.url);
  if (url_.credentials) {
    authorization_ = basic_authorization(*url_.credentials);
  }
}

std::string proxy_server::connect_request(const http_url& url,
                                          const std::string& user_agent) const {
  const auto host = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  const auto authority = host + ":" + std::to_string(url.port);
  std::string out = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n";
  out += "User-Agent: " + user_agent + "\r\n";
  if (!authorization_.empty()) {
    out += "Proxy-Authorization: " + authorization_ + "\r\n";
  }
  return out += "\r\n";
}

std::unique_ptr<const proxy_settings> proxy_settings::make(const http_config& config) {
  auto made = std::make_unique<proxy_settings>();
  for (const auto& entry : config.no_proxy) {
    made->bypass(entry);
  }
  if (!config.proxy_url.empty()) {
    made->plain_.emplace(config.proxy_url, "http.proxy_url");
    made->secure_ = made->plain_;
  } else if (config.proxy_from_environment) {
    made->bypass_loopback_ = true;
    made->plain_ = server_of("HTTP_PROXY");
    made->secure_ = server_of("HTTPS_PROXY");
    auto entries = variable("NO_PROXY");
    std::replace(entries.begin(), entries.end(), ' ', ',');
    for (std::string_view rest = entries; !rest.empty();) {
      const auto end = std::min(rest.find(','), rest.size());
      made->bypass(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return made->plain_ || made->secure_ ? std::move(made) : nullptr;
}

void proxy_settings::bypass(std::string_view entry) {
  auto name = ascii::to_lower(entry);
  if (name.ends_with('.')) {
    name.pop_back(); // the same name, written whole
  }
  std::string ignored;
  if (const auto block = parse_block(name, ignored)) {
    blocks_.push_back({*block, 0});
    return;
  }
  std::uint16_t port = 0;
  if (const auto parsed = parse_ip(name) ? std::nullopt : parse_host_port(name, ignored)) {
    name = parsed->host;
    port = parsed->port;
  }
  if (name == "*") {
    bypass_all_ = true;
  } else if (const auto address = parse_ip(name)) {
    blocks_.push_back({{*address, address->bits()}, port});
  } else {
    name.erase(0, name.starts_with("*.") ? 2 : name.starts_with('.') ? 1 : 0);
    if (!name.empty()) {
      names_.push_back({std::move(name), port});
    }
  }
}

bool proxy_settings::is_bypassed(const http_url& url) const {
  if (bypass_all_ || (bypass_loopback_ && is_loopback(url))) {
    return true;
  }
  const auto is_of = [&](std::uint16_t port) { return port == 0 || port == url.port; };
  if (const auto address = parse_ip(url.host)) {
    return std::any_of(blocks_.begin(), blocks_.end(), [&](const auto& entry) {
      return is_of(entry.port) && holds(entry.block, *address);
    });
  }
  return std::any_of(names_.begin(), names_.end(), [&](const auto& entry) {
    return is_of(entry.port) && is_below(url.host, entry.name);
  });
}

const proxy_server* proxy_settings::server_for(const http_url& url) const {
  const auto& server = url.tls ? secure_ : plain_;
  return server && !is_bypassed(url) ? &*server : nullptr;
}

} // namespace xprober::http
