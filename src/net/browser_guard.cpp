#include "xprober/net/browser_guard.hpp"

#include <algorithm>

#include "xprober/domain/address.hpp"
#include "xprober/domain/ascii.hpp"

namespace xprober::net {

namespace {

std::string_view field_of(const http_request& head, std::string_view name) {
  const auto found = head.find(boost::beast::string_view{name.data(), name.size()});
  if (found == head.end()) {
    return {};
  }
  return {found->value().data(), found->value().size()};
}

/// The name or the address in a Host, without port, brackets and the root's dot, in lower case.
std::string bare_host(std::string_view host) {
  if (host.starts_with('[')) {
    host = host.substr(1, host.find(']') - 1);
    host = host.substr(0, host.find('%'));
  } else {
    host = host.substr(0, host.find(':'));
  }
  if (host.ends_with('.')) {
    host.remove_suffix(1);
  }
  return ascii::to_lower(host);
}

/// Whether `name` is `pattern` or, with "*." in front of that, below it.
bool fits(std::string_view name, std::string_view pattern) {
  if (pattern.starts_with("*.")) {
    pattern.remove_prefix(1); // ".example"
    return name.size() > pattern.size() && name.ends_with(pattern);
  }
  return pattern == "*" || name == pattern;
}

} // namespace

browser_guard::browser_guard(std::vector<std::string> names) : names_(std::move(names)) {
  for (auto& name : names_) {
    name = ascii::to_lower(name);
  }
  names_.emplace_back("localhost");
  names_.emplace_back("*.localhost");
}

bool browser_guard::knows(std::string_view host) const {
  const auto name = bare_host(host);
  return parse_ip(name) ||
         std::ranges::any_of(names_, [&](const auto& pattern) { return fits(name, pattern); });
}

std::optional<http_response> browser_guard::judge_host(const http_request& head) const {
  const auto host = field_of(head, "Host");
  if (host.empty() || knows(host)) {
    return std::nullopt;
  }
  return error_response(
      http::status::misdirected_request,
      "this program is not known by the name " + bare_host(host) +
          ": use an address, localhost or this machine's name, or add the name to "
          "web.allowed_hosts");
}

std::optional<http_response> judge_origin(const http_request& head) {
  const auto site = field_of(head, "Sec-Fetch-Site");
  bool own = site.empty() || site == "same-origin" || site == "none";
  if (const auto origin = field_of(head, "Origin"); site.empty() && !origin.empty()) {
    const auto scheme = origin.find("://");
    own = scheme != std::string_view::npos &&
          ascii::same(origin.substr(scheme + 3), field_of(head, "Host"));
  }
  if (own) {
    return std::nullopt;
  }
  return error_response(
      http::status::forbidden,
      "a page of another site may not ask for this: it changes or sends something");
}

std::optional<http_response> judge_page(const http_request& head) {
  const auto site = field_of(head, "Sec-Fetch-Site");
  if ((site.empty() || site == "none") && field_of(head, "Origin").empty()) {
    return std::nullopt;
  }
  return error_response(http::status::forbidden, "a page may ask for nothing at this port");
}

bool changes_something(http::verb method) noexcept {
  return method != http::verb::get && method != http::verb::head && method != http::verb::options;
}

const std::vector<std::pair<std::string, std::string>>& browser_headers() {
  static const std::vector<std::pair<std::string, std::string>> all{
      {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
      {"X-Frame-Options", "DENY"},
      {"Cache-Control", "no-store"},
      {"X-Content-Type-Options", "nosniff"}};
  return all;
}

} // namespace xprober::net
