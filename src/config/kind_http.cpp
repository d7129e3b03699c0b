#include <algorithm>

#include "xprober/config/checks.hpp"
#include "xprober/config/choices.hpp"
#include "xprober/config/kind_section.hpp"
#include "xprober/config/read.hpp"
#include "xprober/config/yaml_lines.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/domain/cidr.hpp"
#include "xprober/domain/http_header.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/url_secrets.hpp"

namespace xprober::config {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t max_body_bytes = std::size_t{1} << 20;
constexpr std::size_t max_matchers = 100;

constexpr std::pair<std::string_view, std::string_view> methods[] = {
    {"GET", "GET"},     {"HEAD", "HEAD"},     {"POST", "POST"},      {"PUT", "PUT"},
    {"PATCH", "PATCH"}, {"DELETE", "DELETE"}, {"OPTIONS", "OPTIONS"}};
constexpr std::string_view shared_keys[] = {"max_in_flight"};

std::string check_http_version(std::string_view text) {
  return text == "HTTP/1.0" || text == "HTTP/1.1"
             ? std::string{}
             : in_quotes(text) + " is not allowed; allowed are HTTP/1.0 and HTTP/1.1";
}

void refuse_both(section& http, std::string_view one, std::string_view other, bool both) {
  if (both) {
    http.report(other, "stands beside " + std::string{one} + "; allowed is one of the two");
  }
}

/// What this section says takes the place of the other kind that was inherited.
template <class Value>
void replace_inherited(const section& http, std::string_view given, std::string_view other,
                       const Value& value, Value& inherited) {
  if (http.has(given) && !http.has(other) && value != Value{}) {
    inherited = Value{};
  }
}

void read_headers(section& http, http_config& out) {
  http.text_map("headers", out.headers, check_header_name, check_header_value);
  const auto given = [](const auto& header) { return ascii::same(header.first, "Authorization"); };
  if (!http.has("headers") && (http.has("basic_auth") || http.has("bearer_token_file"))) {
    std::erase_if(out.headers, given); // inherited
  } else if (http.has("headers") && !http.has("basic_auth") && !http.has("bearer_token_file") &&
             std::any_of(out.headers.begin(), out.headers.end(), given)) {
    out.basic_auth = {};
    out.bearer_token_file.clear();
  }
  const bool authorized =
      !out.bearer_token_file.empty() || !(out.basic_auth == basic_auth_config{});
  for (auto at = out.headers.begin(); at != out.headers.end(); ++at) {
    const auto twice = std::find_if(std::next(at), out.headers.end(), [&](const auto& other) {
      return ascii::same(at->first, other.first);
    });
    if (twice != out.headers.end()) {
      http.report("headers", in_quotes(at->first) + " and " + in_quotes(twice->first) +
                                 " are one header; allowed is each once");
    }
    if (authorized && given(*at)) {
      http.report("headers",
                  "Authorization stands beside basic_auth or bearer_token_file; allowed is "
                  "one of the three");
    }
  }
}

void read_credentials(section& http, http_config& out) {
  auto basic = http.below("basic_auth");
  basic.text("username", out.basic_auth.username, check_header_value);
  basic.text("password", out.basic_auth.password, check_secret_value);
  basic.file("password_file", out.basic_auth.password_file);
  replace_inherited(basic, "password", "password_file", out.basic_auth.password,
                    out.basic_auth.password_file);
  replace_inherited(basic, "password_file", "password", out.basic_auth.password_file,
                    out.basic_auth.password);
  refuse_both(basic, "password", "password_file",
              !out.basic_auth.password.empty() && !out.basic_auth.password_file.empty());
  if (out.basic_auth.username.find(':') != std::string::npos) {
    basic.report("username", "holds a colon, which ends it for the server; allowed are names "
                             "without one");
  }
  basic.finish();
  http.file("bearer_token_file", out.bearer_token_file);
  if (http.has("bearer_token_file") && !http.has("basic_auth") && !out.bearer_token_file.empty()) {
    out.basic_auth = {};
  } else if (http.has("basic_auth") && !http.has("bearer_token_file")) {
    out.bearer_token_file.clear();
  }
  refuse_both(http, "basic_auth", "bearer_token_file",
              !out.bearer_token_file.empty() && !(out.basic_auth == basic_auth_config{}));
}

void read_body(section& http, http_config& out) {
  http.text("body", out.body, [](std::string_view text) {
    return text.size() <= max_body_bytes ? std::string{} : "is longer than 1 MiB; allowed is less";
  });
  http.file("body_file", out.body_file);
  replace_inherited(http, "body", "body_file", out.body, out.body_file);
  replace_inherited(http, "body_file", "body", out.body_file, out.body);
  refuse_both(http, "body", "body_file", !out.body.empty() && !out.body_file.empty());
  const bool has_body = !out.body.empty() || !out.body_file.empty();
  const bool needs_none = out.method == "GET" || out.method == "HEAD";
  if (has_body && needs_none && !http.has("body") && !http.has("body_file")) {
    out.body.clear(); // inherited with another method
    out.body_file.clear();
  } else if (has_body && needs_none) {
    http.report(out.body.empty() ? "body_file" : "body",
                "is for a request with the method " + out.method +
                    "; allowed is a body with POST, PUT, PATCH, DELETE and OPTIONS");
  }
}

void read_tls(section& http, http_config& out) {
  http.file("ca_file", out.ca_file);
  http.boolean("insecure_skip_verify", out.insecure_skip_verify);
  http.text("server_name", out.server_name, unless_empty([](std::string_view text) {
              return is_host_name(text) || parse_ip(text)
                         ? std::string{}
                         : in_quotes(text) + " is not a name; allowed are host names and addresses";
            }));
  http.choice("min_tls_version", out.min_tls_version, tls_versions);
  http.choice("max_tls_version", out.max_tls_version, tls_versions);
  if (out.min_tls_version > out.max_tls_version) {
    http.report(http.has("max_tls_version") ? "max_tls_version" : "min_tls_version",
                "leaves no version: min_tls_version is above max_tls_version");
  }
  http.file("cert_file", out.cert_file);
  http.file("key_file", out.key_file);
  if (out.cert_file.empty() != out.key_file.empty()) {
    http.report(out.cert_file.empty() ? "key_file" : "cert_file",
                "stands alone; a certificate needs cert_file and key_file, both or none");
  }
}

void read_proxy(section& http, http_config& out) {
  http.text("proxy_url", out.proxy_url, unless_empty(check_proxy_url));
  http.boolean("proxy_from_environment", out.proxy_from_environment);
  if (out.proxy_from_environment && !out.proxy_url.empty()) {
    if (http.has("proxy_url") && !http.has("proxy_from_environment")) {
      out.proxy_from_environment = false; // inherited
    } else if (http.has("proxy_from_environment") && !http.has("proxy_url")) {
      out.proxy_url.clear();
    } else {
      http.report("proxy_from_environment", "stands beside proxy_url; allowed is one of the two");
    }
  }
  http.texts("no_proxy", out.no_proxy, [](std::string_view text) {
    std::string ignored;
    const auto name = text.substr(text.starts_with("*.") ? 2 : text.starts_with('.') ? 1 : 0);
    return text == "*" || is_host_name(name) || parse_ip(text) || parse_block(text, ignored)
               ? std::string{}
               : in_quotes(text) +
                     " is not allowed; allowed are names, addresses, CIDR blocks and *";
  });
}

header_matcher read_matcher(section item) {
  header_matcher matcher;
  for (const auto* needed : {"header", "regexp"}) {
    if (!item.has(needed)) {
      item.report(needed, "is missing; every matcher needs header and regexp");
    }
  }
  item.text("header", matcher.header, check_field_name);
  item.text("regexp", matcher.regexp, check_regexp);
  item.boolean("allow_missing", matcher.allow_missing);
  item.finish();
  return matcher;
}

void read_matchers(section& http, std::string_view name, std::vector<header_matcher>& out) {
  const auto list = http.value(name);
  if (!list) {
    return;
  }
  out.clear();
  if (list->kind == node::type::null) {
    return;
  }
  if (list->kind != node::type::list || list->children.size() > max_matchers) {
    http.report(name, "is " + std::string{to_string(list->kind)} +
                          "; allowed is a list of at most 100 {header, regexp, allow_missing}");
    return;
  }
  for (std::size_t i = 0; i < list->children.size(); ++i) {
    const auto& item = list->children[i];
    const auto full = http.full_name(name) + "[" + std::to_string(i) + "]";
    if (item->kind == node::type::map) {
      out.push_back(read_matcher({item, full + ".", http.found()}));
    } else {
      http.found().add(*item, full,
                       "is " + std::string{to_string(item->kind)} +
                           "; allowed is {header, regexp, allow_missing}");
    }
  }
}

void read_demands(section& http, http_config& out) {
  http.numbers("valid_status_codes", out.valid_status_codes, 100, 999);
  http.texts("valid_http_versions", out.valid_http_versions, check_http_version);
  http.texts("fail_if_body_matches_regexp", out.fail_if_body_matches_regexp, check_regexp);
  http.texts("fail_if_body_not_matches_regexp", out.fail_if_body_not_matches_regexp, check_regexp);
  read_matchers(http, "fail_if_header_matches", out.fail_if_header_matches);
  read_matchers(http, "fail_if_header_not_matches", out.fail_if_header_not_matches);
  http.boolean("fail_if_ssl", out.fail_if_ssl);
  http.boolean("fail_if_not_ssl", out.fail_if_not_ssl);
  if (out.fail_if_ssl && out.fail_if_not_ssl) {
    http.report(http.has("fail_if_not_ssl") ? "fail_if_not_ssl" : "fail_if_ssl",
                "leaves nothing: fail_if_ssl and fail_if_not_ssl are both true");
  }
}

void read_http(section http, kind_settings& settings) {
  auto& out = settings.http;
  http.duration("timeout", out.timeout, 1ms, 1h);
  std::string_view method = out.method;
  http.choice("method", method, methods);
  out.method = std::string{method};
  http.boolean("follow_redirects", out.follow_redirects);
  http.number("max_redirects", out.max_redirects, 0, 100);
  http.size("max_body", out.max_body, 1, std::uint64_t{1} << 30);
  http.number("max_in_flight", out.max_in_flight, 1, 1'000'000);
  http.choice("preferred_ip_protocol", out.preferred_ip_protocol, ip_families);
  http.boolean("ip_protocol_fallback", out.ip_protocol_fallback);
  read_body(http, out);
  read_credentials(http, out);
  read_headers(http, out);
  read_tls(http, out);
  read_proxy(http, out);
  read_demands(http, out);
  http.finish();
}

std::string matcher_text(const header_matcher& matcher) {
  return "{header: " + quoted_text(matcher.header) + ", regexp: " + quoted_text(matcher.regexp) +
         ", allow_missing: " + (matcher.allow_missing ? "true" : "false") + "}";
}

std::string header_text(const std::pair<const std::string, std::string>& header) {
  const auto& [name, value] = header;
  return quoted_text(name) + ": " +
         (may_hold_credentials(name) ? yaml_lines::secret_text("it") : quoted_text(value));
}

void append_request(yaml_lines& lines, const http_config& http) {
  lines.raw("method", http.method);
  lines.list("headers", http.headers, header_text, "{}");
  lines.secret("body", http.body);
  lines.text("body_file", http.body_file);
  const auto& basic = http.basic_auth;
  lines.raw("basic_auth", "{username: " + quoted_text(basic.username) +
                              ", password: " + yaml_lines::secret_text(basic.password) +
                              ", password_file: " + quoted_text(basic.password_file) + "}");
  lines.text("bearer_token_file", http.bearer_token_file);
  lines.text("proxy_url", shown_url(http.proxy_url));
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

std::string http_text(const kind_settings& settings) {
  const auto& http = settings.http;
  yaml_lines lines{kinds::http().name};
  lines.time("timeout", http.timeout);
  lines.choice("preferred_ip_protocol", http.preferred_ip_protocol, ip_families);
  lines.flag("ip_protocol_fallback", http.ip_protocol_fallback);
  append_request(lines, http);
  lines.text("ca_file", http.ca_file);
  lines.flag("insecure_skip_verify", http.insecure_skip_verify);
  lines.text("server_name", http.server_name);
  lines.choice("min_tls_version", http.min_tls_version, tls_versions);
  lines.choice("max_tls_version", http.max_tls_version, tls_versions);
  lines.text("cert_file", http.cert_file);
  lines.text("key_file", http.key_file);
  lines.flag("follow_redirects", http.follow_redirects);
  lines.number("max_redirects", http.max_redirects);
  lines.number("max_body", http.max_body);
  append_demands(lines, http);
  return lines.take();
}

} // namespace

kind_section http_section() noexcept {
  return {.kind = &kinds::http(),
          .read = read_http,
          .shared_keys = shared_keys,
          .timeout = [](kind_settings& all) -> milliseconds& { return all.http.timeout; },
          .text = http_text};
}

} // namespace xprober::config
