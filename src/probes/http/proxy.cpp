#include "xprober/probes/http/proxy.hpp"

#include <algorithm>
#include <stdexcept>

#include "xprober/probes/http/request.hpp"

namespace xprober::http {

namespace {

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

} // namespace

std::unique_ptr<const proxy_settings> proxy_settings::make(const http_config& config) {
  if (config.proxy_url.empty()) {
    return nullptr;
  }
  auto parsed = parse_target(config.proxy_url);
  if (!parsed.url) {
    throw std::runtime_error("http.proxy_url: " + parsed.error);
  }
  if (parsed.url->tls) {
    throw std::runtime_error("http.proxy_url: " + parsed.url->text() +
                             ": proxies are spoken to over http; write http://HOST:PORT");
  }
  auto made = std::make_unique<proxy_settings>();
  made->url_ = std::move(*parsed.url);
  if (made->url_.credentials) {
    made->authorization_ = "Basic " + base64(*made->url_.credentials);
  }
  for (std::string entry : config.no_proxy) {
    std::string ignored;
    std::transform(entry.begin(), entry.end(), entry.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (entry == "*") {
      made->never_ = true;
    } else if (const auto address = parse_ip(entry)) {
      made->blocks_.push_back({*address, address->bits()});
    } else if (const auto block = parse_block(entry, ignored)) {
      made->blocks_.push_back(*block);
    } else {
      entry.erase(0, entry.starts_with("*.") ? 2 : entry.starts_with('.') ? 1 : 0);
      made->names_.push_back(std::move(entry));
    }
  }
  return made;
}

bool proxy_settings::is_for(const http_url& url) const {
  if (never_) {
    return false;
  }
  if (const auto address = parse_ip(url.host)) {
    return std::none_of(blocks_.begin(), blocks_.end(),
                        [&](const auto& block) { return holds(block, *address); });
  }
  return std::none_of(names_.begin(), names_.end(),
                      [&](const auto& name) { return is_below(url.host, name); });
}

std::string proxy_settings::connect_request(const http_url& url,
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

} // namespace xprober::http
