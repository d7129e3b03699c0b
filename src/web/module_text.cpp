#include "xprober/web/module_text.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/http_header.hpp"
#include "xprober/net/http_types.hpp"

namespace xprober::web {

namespace {

constexpr std::string_view hidden = "<secret>";

std::string_view text_of(ip_family family) { return family == ip_family::ip4 ? "ip4" : "ip6"; }
std::string_view text_of(icmp_mode mode) {
  return mode == icmp_mode::adaptive ? "adaptive" : "fixed";
}
std::string_view text_of(icmp_socket socket) {
  switch (socket) {
  case icmp_socket::automatic: return "auto";
  case icmp_socket::raw: return "raw";
  case icmp_socket::dgram: return "dgram";
  }
  return "";
}
std::string_view text_of(tls_version version) {
  switch (version) {
  case tls_version::tls10: return "TLS10";
  case tls_version::tls11: return "TLS11";
  case tls_version::tls12: return "TLS12";
  case tls_version::tls13: return "TLS13";
  }
  return "";
}

/// Lines "key: value" of one section; texts are quoted as JSON, which YAML reads, too.
class yaml_lines {
public:
  yaml_lines(std::string& out, std::string_view section) : out_(out) {
    out_.append(section).append(":\n");
  }

  void raw(std::string_view key, std::string_view value) {
    out_.append("  ").append(key).append(": ").append(value).append("\n");
  }
  void text(std::string_view key, std::string_view value) { raw(key, net::json_quote(value)); }
  void secret(std::string_view key, std::string_view value) {
    raw(key, value.empty() ? "\"\"" : hidden);
  }
  void flag(std::string_view key, bool value) { raw(key, value ? "true" : "false"); }
  template <class Integer>
  void number(std::string_view key, Integer value) {
    raw(key, std::to_string(value));
  }
  void time(std::string_view key, milliseconds value) {
    raw(key, std::to_string(value.count()) + "ms");
  }
  void texts(std::string_view key, const std::vector<std::string>& values) {
    list(key, values, [](const std::string& value) { return net::json_quote(value); });
  }
  template <class Values, class Show>
  void list(std::string_view key, const Values& values, Show show, std::string_view ends = "[]") {
    std::string line;
    for (const auto& value : values) {
      line += (line.empty() ? "" : ", ") + show(value);
    }
    raw(key, ends.front() + line + ends.back());
  }

private:
  std::string& out_;
};

std::string matcher_text(const header_matcher& matcher) {
  return "{header: " + net::json_quote(matcher.header) +
         ", regexp: " + net::json_quote(matcher.regexp) +
         ", allow_missing: " + (matcher.allow_missing ? "true" : "false") + "}";
}

void append_icmp(std::string& out, const icmp_config& icmp) {
  yaml_lines lines{out, "icmp"};
  lines.number("count", icmp.count);
  lines.number("size", icmp.size);
  lines.time("timeout", icmp.timeout);
  lines.time("interval", icmp.interval);
  lines.time("deadline", icmp.deadline);
  lines.raw("mode", text_of(icmp.mode));
  lines.raw("socket", text_of(icmp.socket));
  lines.number("dscp", icmp.dscp);
  lines.number("ttl", icmp.ttl);
  lines.text("source", icmp.source);
  lines.raw("preferred_ip_protocol", text_of(icmp.preferred_ip_protocol));
  lines.flag("ip_protocol_fallback", icmp.ip_protocol_fallback);
}

void append_request(yaml_lines& lines, const http_config& http) {
  lines.raw("method", http.method);
  lines.list(
      "headers", http.headers,
      [](const auto& header) {
        const auto& [name, value] = header;
        return net::json_quote(name) + ": " +
               (may_hold_credentials(name) ? std::string{hidden} : net::json_quote(value));
      },
      "{}");
  lines.secret("body", http.body);
  lines.text("body_file", http.body_file);
  const auto& basic = http.basic_auth;
  lines.raw("basic_auth", "{username: " + net::json_quote(basic.username) + ", password: " +
                              std::string{basic.password.empty() ? "\"\"" : hidden} +
                              ", password_file: " + net::json_quote(basic.password_file) + "}");
  lines.text("bearer_token_file", http.bearer_token_file);
  auto proxy = http.proxy_url;
  take_user_info(proxy);
  lines.text("proxy_url", proxy);
  lines.texts("no_proxy", http.no_proxy);
  lines.flag("proxy_from_environment", http.proxy_from_environment);
}

void append_demands(yaml_lines& lines, const http_config& http) {
  lines.list("valid_status_codes", http.valid_status_codes,
             [](std::uint16_t status) { return std::to_string(status); });
  lines.texts("valid_http_versions", http.valid_http_versions);
  lines.flag("fail_if_ssl", http.fail_if_ssl);
  lines.flag("fail_if_not_ssl", http.fail_if_not_ssl);
  lines.texts("fail_if_body_matches_regexp", http.fail_if_body_matches_regexp);
  lines.texts("fail_if_body_not_matches_regexp", http.fail_if_body_not_matches_regexp);
  lines.list("fail_if_header_matches", http.fail_if_header_matches, matcher_text);
  lines.list("fail_if_header_not_matches", http.fail_if_header_not_matches, matcher_text);
}

void append_http(std::string& out, const http_config& http) {
  yaml_lines lines{out, "http"};
  lines.time("timeout", http.timeout);
  lines.raw("preferred_ip_protocol", text_of(http.preferred_ip_protocol));
  lines.flag("ip_protocol_fallback", http.ip_protocol_fallback);
  append_request(lines, http);
  lines.text("ca_file", http.ca_file);
  lines.flag("insecure_skip_verify", http.insecure_skip_verify);
  lines.text("server_name", http.server_name);
  lines.raw("min_tls_version", text_of(http.min_tls_version));
  lines.raw("max_tls_version", text_of(http.max_tls_version));
  lines.text("cert_file", http.cert_file);
  lines.text("key_file", http.key_file);
  lines.flag("follow_redirects", http.follow_redirects);
  lines.number("max_redirects", http.max_redirects);
  lines.number("max_body", http.max_body);
  append_demands(lines, http);
}

} // namespace

std::string module_text(const module_config& module) {
  std::string out = "prober: " + std::string{to_string(module.prober)} + "\n";
  if (module.prober == probe_type::icmp) {
    append_icmp(out, module.icmp);
  } else {
    append_http(out, module.http);
  }
  return out;
}

} // namespace xprober::web
