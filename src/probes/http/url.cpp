#include "xprober/probes/http/url.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "xprober/domain/address.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/domain/percent.hpp"
#include "xprober/domain/target.hpp"
#include "xprober/domain/target_text.hpp"
#include "xprober/domain/url_secrets.hpp"
#include "xprober/probes/stream/shown.hpp"

namespace xprober::http {

namespace {

constexpr std::size_t max_url_length = 8192;

// RFC 3986, section 3.3 and 3.4: what may stand in a path or query as it is.
constexpr auto url_chars = [] {
  std::array<bool, 256> may{};
  for (const char c : std::string_view{"-._~!$&'()*+,;=:@/?"}) {
    may[static_cast<unsigned char>(c)] = true;
  }
  for (std::size_t c = 0; c < 128; ++c) {
    may[c] = may[c] || ascii::is_alnum(static_cast<char>(c));
  }
  return may;
}();

bool is_url_char(char c) noexcept { return url_chars[static_cast<unsigned char>(c)]; }

void append_encoded(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool escaped = c == '%' && i + 2 < text.size() && ascii::hex_value(text[i + 1]) >= 0 &&
                         ascii::hex_value(text[i + 2]) >= 0;
    if (escaped || is_url_char(c)) {
      out += c;
    } else {
      append_percent(out, c);
    }
  }
}

/// `text` with what may not stand in a URL encoded, behind `front`.
std::string encode_rest(std::string_view text, std::string_view front = {}) {
  std::string out;
  out.reserve(front.size() + text.size());
  out += front;
  const auto fine = std::ranges::find_if_not(text, is_url_char) - text.begin();
  out += text.substr(0, static_cast<std::size_t>(fine));
  append_encoded(out, text.substr(static_cast<std::size_t>(fine)));
  return out;
}

bool is_ip6(const std::string& host) {
  return host.find(':') != host.npos && parse_ip(host).has_value();
}

bool has_control(std::string_view text) { return std::ranges::any_of(text, ascii::is_control); }

// RFC 3986, section 5.2.4.
std::string without_dot_segments(std::string_view target) {
  const auto path_end = std::min(target.find('?'), target.size());
  auto path = target.substr(0, path_end);
  std::string out;
  while (!path.empty()) { // each turn takes one "/segment"
    const auto end = std::min(path.find('/', 1), path.size());
    const auto segment = path.substr(0, end);
    path.remove_prefix(end);
    if (segment == "/.." || segment == "/.") {
      if (segment == "/..") {
        out.resize(std::min(out.rfind('/'), out.size()));
      }
      out += path.empty() ? "/" : "";
    } else {
      out += segment;
    }
  }
  return (out.empty() ? "/" : out).append(target.substr(path_end));
}

url_result fail(std::string_view text, std::string_view why) {
  // A password must not get into results and logs.
  return {std::nullopt,
          "URL \"" + stream::shown(without_user(text), 200) + "\": " + std::string{why}};
}

// Path and query of a URL as they are asked for: the fragment stays here.
std::string asked_target(std::string_view rest) {
  rest = rest.substr(0, rest.find('#'));
  return encode_rest(rest, rest.starts_with('/') ? "" : "/");
}

// What `take_user` took out of a target.
struct taken_from_url {
  std::optional<std::string> user;
  std::optional<std::string> query;
};

taken_from_url taken_parts(const std::string* taken) {
  taken_from_url parts;
  if (taken == nullptr) {
    return parts;
  }
  const auto mark = std::min(taken->find('?'), taken->size());
  const bool with_secrets = mark < taken->size();
  if (with_secrets) {
    parts.query = taken->substr(mark + 1);
  }
  if (mark > 0 || !with_secrets) {
    parts.user = taken->substr(0, mark);
  }
  return parts;
}

// Path, query and fragment with another query.
std::string with_query(std::string_view rest, std::string_view query) {
  const auto end = std::min(rest.find('#'), rest.size());
  const auto mark = std::min(rest.find('?'), end);
  return std::string{rest.substr(0, mark)}.append("?").append(query);
}

// True for "mailto:x": what has a scheme and no authority.
bool is_opaque(std::string_view reference) {
  const auto colon = reference.find_first_of(":/?#");
  return colon != std::string_view::npos && reference[colon] == ':' &&
         scheme_prefix(reference) == 0;
}

// The zone of an address that the asked host named without it: no server was told it.
std::string with_zone(std::string url, const std::string& zone) {
  const auto authority = scheme_prefix(url);
  const auto path = std::min(url.find_first_of("/?#", authority), url.size());
  const auto user = std::string_view{url}.substr(authority, path - authority).rfind('@');
  const auto begin = user == std::string_view::npos ? authority : authority + user + 1;
  const auto end = std::min(url.find(']', begin), path);
  if (zone.empty() || end == path || url[begin] != '[') {
    return url;
  }
  const auto address = parse_ip(std::string_view{url}.substr(begin + 1, end - begin - 1));
  return address && is_link_local_ip6(*address) ? url.insert(end, "%25" + zone) : url;
}

// Path and query that a relative reference means (RFC 3986, section 5.2.2).
std::string relative_target(std::string_view base, std::string_view reference) {
  reference = reference.substr(0, reference.find('#'));
  if (reference.starts_with('/')) {
    return encode_rest(reference);
  }
  const auto path = base.substr(0, base.find('?'));
  if (reference.empty()) {
    return std::string{base};
  }
  const auto kept = reference.starts_with('?') ? path : path.substr(0, path.rfind('/') + 1);
  return encode_rest(reference, kept);
}

} // namespace

void http_url::append_host_header(std::string& out) const {
  if (is_ip6(host)) {
    out.append("[").append(host).append("]");
  } else {
    out += host;
  }
  if (port != (tls ? 443 : 80)) {
    std::array<char, 6> text{':'};
    const auto* const end = std::to_chars(text.data() + 1, text.data() + text.size(), port).ptr;
    out.append(text.data(), static_cast<std::size_t>(end - text.data()));
  }
}

std::string http_url::host_header() const {
  std::string text;
  append_host_header(text);
  return text;
}

std::string http_url::text() const {
  auto shown = absolute_form();
  hide_query_secrets(shown);
  return shown;
}

std::string http_url::absolute_form() const {
  return (tls ? "https://" : "http://") + host_header() + target;
}

std::string http_url::dialled_host() const { return zone.empty() ? host : host + "%" + zone; }

bool http_url::has_address() const { return parse_ip(host).has_value(); }

url_result parse_target(std::string_view target, const std::string* user_info) {
  std::string error;
  if (target.size() > max_url_length) {
    return fail(target, "it is longer than 8192 bytes");
  }
  auto parsed = parse_url_target(target, error);
  if (!parsed) {
    return fail(target, error);
  }
  url_result result;
  auto& out = result.url.emplace();
  out.tls = parsed->tls;
  out.host = std::move(parsed->host.text);
  std::ranges::transform(out.host, out.host.begin(), ascii::lower);
  out.zone = std::move(parsed->host.zone);
  out.port = parsed->port;
  const auto taken = taken_parts(user_info);
  out.target = asked_target(taken.query ? with_query(parsed->rest, *taken.query) : parsed->rest);
  // "http://@host/" names no user, as for browsers and curl.
  if (const auto user = taken.user ? taken.user : parsed->user; user && !user->empty()) {
    out.credentials = plain_user_info(*user);
  }
  if (taken.user && out.credentials && has_control(*out.credentials)) {
    return fail(target, "the user or the password holds a control character");
  }
  return result;
}

url_result resolve_location(const http_url& base, std::string_view location) {
  const auto text = ascii::trim(location);
  if (text.empty() || text.size() > max_url_length || has_control(text)) {
    return fail(text, "empty, longer than 8192 bytes, or with a control character");
  }
  if (is_opaque(text)) {
    return fail(text, "not a URL with http or https, and no reference");
  }
  url_result result;
  if (scheme_prefix(text) > 0 || text.starts_with("//")) {
    const std::string scheme = scheme_prefix(text) > 0 ? "" : base.tls ? "https:" : "http:";
    result = parse_target(with_zone(scheme + std::string{text}, base.zone));
  } else {
    result.url = base;
    result.url->credentials.reset();
    result.url->target = relative_target(base.target, text);
  }
  if (result.url) {
    result.url->target = without_dot_segments(result.url->target);
  }
  return result;
}

bool may_share_credentials(const http_url& first, const http_url& next) noexcept {
  if (first.host != next.host || first.zone != next.zone) {
    return false;
  }
  if (first.tls == next.tls) {
    return first.port == next.port;
  }
  return next.tls && first.port == 80 && next.port == 443;
}

} // namespace xprober::http
