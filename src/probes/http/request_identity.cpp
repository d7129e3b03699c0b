#include "xprober/probes/http/request_identity.hpp"

#include <utility>

#include "xprober/domain/address.hpp"
#include "xprober/domain/ascii.hpp"

namespace xprober::http {

namespace {

/// The host of a Host header; empty if it is none that a certificate could be for.
std::string host_of(const std::string& header) {
  std::string ignored;
  if (const auto parts = parse_host_port(header, ignored)) {
    return parts->host;
  }
  const bool bracketed = header.size() > 2 && header.front() == '[' && header.back() == ']';
  auto host = bracketed ? header.substr(1, header.size() - 2) : header;
  return is_host_name(host) || parse_ip(host) ? host : std::string{};
}

} // namespace

void request_identity::ask_for(const std::string& hostname) {
  auto headers = config_.headers;
  std::erase_if(headers, [](const auto& h) { return ascii::same(h.first, "Host"); });
  headers.emplace("Host", hostname);
  headers_ = std::make_unique<const header_map>(std::move(headers));
}

std::string request_identity::tls_name(const http_url& url, const http_url& first) const {
  if (url.host != first.host) {
    return {};
  }
  if (!config_.server_name.empty()) {
    return config_.server_name;
  }
  return host_named(url, first);
}

std::string request_identity::host_named(const http_url& url, const http_url& first) const {
  if (!may_share_credentials(first, url)) {
    return {}; // the header is not sent there
  }
  for (const auto& [name, value] : headers()) {
    if (ascii::same(name, "Host")) {
      return ascii::to_lower(host_of(value));
    }
  }
  return {};
}

} // namespace xprober::http
