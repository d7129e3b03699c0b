#include "xprober/probes/http/request.hpp"

#include <algorithm>
#include <array>

#include "xprober/base/authorization.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/domain/http_header.hpp"

namespace xprober::http {

namespace {

template <std::size_t N>
bool is_any(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::any_of(names.begin(), names.end(), [&](auto n) { return ascii::same(n, name); });
}

constexpr std::array<std::string_view, 7> framing_names{
    "Connection", "Content-Length", "Expect", "Keep-Alive", "TE", "Transfer-Encoding", "Upgrade"};

/// The value of a header; null: it is not there.
const std::string* find(const std::map<std::string, std::string>& headers, std::string_view name) {
  const auto at = std::find_if(headers.begin(), headers.end(),
                               [&](const auto& h) { return ascii::same(h.first, name); });
  return at == headers.end() ? nullptr : &at->second;
}

bool has(const std::map<std::string, std::string>& headers, std::string_view name) {
  return find(headers, name) != nullptr;
}

void add(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

} // namespace

bool expects_body(std::string_view method) noexcept {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

bool is_header_value(std::string_view text) noexcept {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return ascii::is_control(c) && c != '\t'; });
}

namespace {

constexpr std::string_view line_end = " HTTP/1.1\r\n";

/// True for a header of the configuration that is sent.
bool is_own(const request_parts& parts, std::string_view name) {
  return parts.private_headers && has(parts.headers, name);
}

void add_authorization(std::string& out, const request_parts& parts) {
  if (is_own(parts, "Authorization")) {
    return;
  }
  if (parts.url.credentials) {
    add(out, "Authorization", basic_authorization(*parts.url.credentials));
  } else if (parts.private_headers && !parts.authorization.empty()) {
    add(out, "Authorization", parts.authorization);
  }
}

void add_configured(std::string& out, const request_parts& parts) {
  for (const auto& [name, value] : parts.headers) {
    const bool of_body = name.size() > 8 && ascii::starts_with(name, "Content-");
    const bool is_private = ascii::same(name, "Host") || may_hold_credentials(name);
    if ((parts.private_headers || !is_private) && (parts.body || !of_body) &&
        !ascii::same(name, "Cookie")) {
      add(out, name, value);
    }
  }
}

/// All lines behind that of the URL's host.
void add_rest(std::string& out, const request_parts& parts) {
  if (!has(parts.headers, "User-Agent")) {
    add(out, "User-Agent", parts.user_agent);
  }
  if (!has(parts.headers, "Accept")) {
    add(out, "Accept", "*/*");
  }
  add_authorization(out, parts);
  add_configured(out, parts);
  if (!parts.proxy_authorization.empty()) {
    add(out, "Proxy-Authorization", parts.proxy_authorization);
  }
  // RFC 6265, section 5.4: in one field, whoever they are of.
  std::string cookies{parts.cookies};
  if (const auto* given = is_own(parts, "Cookie") ? find(parts.headers, "Cookie") : nullptr) {
    cookies.insert(0, *given + (cookies.empty() ? "" : "; "));
  }
  if (!cookies.empty()) {
    add(out, "Cookie", cookies);
  }
  // RFC 9110, section 8.6: methods that expect content say that there is none.
  if (expects_body(parts.method) || (parts.body && !parts.body->empty())) {
    add(out, "Content-Length", std::to_string(parts.body ? parts.body->size() : 0));
  }
  add(out, "Connection", "close");
  out += "\r\n";
}

} // namespace

std::string request_text(const request_parts& parts) {
  std::string out;
  out.reserve(512);
  out.append(parts.method).append(" ");
  out.append(parts.through_proxy ? parts.url.absolute_form() : parts.url.target).append(line_end);
  if (!is_own(parts, "Host")) {
    add(out, "Host", parts.url.host_header());
  }
  add_rest(out, parts);
  return out.append(parts.body.value_or(""));
}

usual_request::usual_request(std::string_view method,
                             const std::map<std::string, std::string>& headers,
                             std::string_view user_agent, std::string_view authorization,
                             std::string_view body)
    : start_(method), names_host_(!has(headers, "Host")) {
  start_ += ' ';
  add_rest(rest_, {.url = http_url{},
                   .method = method,
                   .headers = headers,
                   .user_agent = user_agent,
                   .authorization = authorization,
                   .body = body});
}

std::string usual_request::text(const http_url& url, std::string_view body) const {
  constexpr std::size_t around_host = 40;
  std::string out;
  out.reserve(start_.size() + url.target.size() + url.host.size() + rest_.size() + body.size() +
              around_host);
  out.append(start_).append(url.target).append(line_end);
  if (names_host_) {
    out.append("Host: ");
    url.append_host_header(out);
    out.append("\r\n");
  }
  return out.append(rest_).append(body);
}

std::string check_request(std::string_view method,
                          const std::map<std::string, std::string>& headers) {
  if (!ascii::is_token(method) || method == "CONNECT") {
    return "http.method: \"" + std::string{method} +
           "\" is not a method that can be used; "
           "write GET, HEAD, POST, ...";
  }
  for (const auto& [name, value] : headers) {
    const auto other = std::find_if(headers.begin(), headers.end(), [&](const auto& h) {
      return h.first != name && ascii::same(h.first, name);
    });
    if (other != headers.end()) {
      return "http.headers: " + name + " and " + other->first + " are one header; it is sent once";
    }
    if (!ascii::is_token(name)) {
      return "http.headers: \"" + name + "\" is not the name of a header";
    }
    if (is_any(name, framing_names)) {
      return "http.headers: " + name + " is set by the prober itself";
    }
    if (!is_header_value(value)) {
      return "http.headers: the value of " + name + " holds a control character";
    }
  }
  return {};
}

} // namespace xprober::http
