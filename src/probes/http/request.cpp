#include "xprober/probes/http/request.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "xprober/domain/http_header.hpp"

namespace xprober::http {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

template <std::size_t N>
bool is_any(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::any_of(names.begin(), names.end(), [&](auto n) { return same(n, name); });
}

constexpr std::array<std::string_view, 7> framing_names{
    "Connection", "Content-Length", "Expect", "Keep-Alive", "TE", "Transfer-Encoding", "Upgrade"};

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
  });
}

/// The value of a header; null: it is not there.
const std::string* find(const std::map<std::string, std::string>& headers, std::string_view name) {
  const auto at = std::find_if(headers.begin(), headers.end(),
                               [&](const auto& h) { return same(h.first, name); });
  return at == headers.end() ? nullptr : &at->second;
}

bool has(const std::map<std::string, std::string>& headers, std::string_view name) {
  return find(headers, name) != nullptr;
}

void add(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

} // namespace

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto part = bytes.substr(i, 3);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < part.size() ? static_cast<unsigned char>(part[k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= part.size() ? digits[group >> (18 - 6 * k) & 0x3F] : '=';
    }
  }
  return out;
}

bool expects_body(std::string_view method) noexcept {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

bool is_header_value(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

std::string request_text(const request_parts& parts) {
  const auto& headers = parts.headers;
  const auto own = [&](std::string_view name) {
    return parts.private_headers && has(headers, name);
  };
  std::string out;
  out.reserve(512);
  out.append(parts.method).append(" ");
  out.append(parts.through_proxy ? parts.url.text() : parts.url.target).append(" HTTP/1.1\r\n");
  if (!own("Host")) {
    add(out, "Host", parts.url.host_header());
  }
  if (!has(headers, "User-Agent")) {
    add(out, "User-Agent", parts.user_agent);
  }
  if (!has(headers, "Accept")) {
    add(out, "Accept", "*/*");
  }
  if (!own("Authorization")) {
    if (parts.url.credentials) {
      add(out, "Authorization", "Basic " + base64(*parts.url.credentials));
    } else if (parts.private_headers && !parts.authorization.empty()) {
      add(out, "Authorization", parts.authorization);
    }
  }
  for (const auto& [name, value] : headers) {
    const bool of_body = name.size() > 8 && same(std::string_view{name}.substr(0, 8), "Content-");
    const bool is_private = same(name, "Host") || may_hold_credentials(name);
    if ((parts.private_headers || !is_private) && (parts.body || !of_body) &&
        !same(name, "Cookie")) {
      add(out, name, value);
    }
  }
  if (!parts.proxy_authorization.empty()) {
    add(out, "Proxy-Authorization", parts.proxy_authorization);
  }
  // RFC 6265, section 5.4: in one field, whoever they are of.
  std::string cookies{parts.cookies};
  if (const auto* given = own("Cookie") ? find(headers, "Cookie") : nullptr) {
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
  return out.append(parts.body.value_or(""));
}

std::string check_request(std::string_view method,
                          const std::map<std::string, std::string>& headers) {
  if (!is_token(method) || method == "CONNECT") {
    return "http.method: \"" + std::string{method} +
           "\" is not a method that can be used; "
           "write GET, HEAD, POST, ...";
  }
  for (const auto& [name, value] : headers) {
    const auto other = std::find_if(headers.begin(), headers.end(), [&](const auto& h) {
      return h.first != name && same(h.first, name);
    });
    if (other != headers.end()) {
      return "http.headers: " + name + " and " + other->first + " are one header; it is sent once";
    }
    if (!is_token(name)) {
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
