#include "xprober/probes/http/url.hpp"

#include <algorithm>
#include <charconv>

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

#include "xprober/domain/address.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/resolver/host_name.hpp"

namespace urls = boost::urls;

namespace xprober::http {

namespace {

constexpr std::size_t max_url_length = 8192;
constexpr std::size_t max_host_length = 254;

// The length of the scheme; npos where the text does not begin with "SCHEME://".
std::size_t scheme_length(std::string_view text) {
  const auto at = text.find("://");
  if (at == std::string_view::npos || at == 0 || !ascii::is_letter(text[0])) {
    return std::string_view::npos;
  }
  const bool valid =
      std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at),
                  [](char c) { return ascii::is_alnum(c) || c == '+' || c == '-' || c == '.'; });
  return valid ? at : std::string_view::npos;
}

// RFC 3986, section 3.3 and 3.4: what may stand in a path or query as it is.
bool is_url_char(char c) {
  return ascii::is_alnum(c) ||
         std::string_view{"-._~!$&'()*+,;=:@/?"}.find(c) != std::string_view::npos;
}

std::string encode_rest(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool escaped = c == '%' && i + 2 < text.size() && ascii::hex_value(text[i + 1]) >= 0 &&
                         ascii::hex_value(text[i + 2]) >= 0;
    if (escaped || is_url_char(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', digits[byte >> 4], digits[byte & 0xF]};
    }
  }
  return out;
}

// Encodes the path and the query of a reference and drops the fragment; leaves the authority.
std::string encode_reference(std::string_view text) {
  text = text.substr(0, text.find('#'));
  const auto scheme = scheme_length(text);
  std::size_t rest = 0;
  if (scheme != std::string_view::npos || text.starts_with("//")) {
    const auto authority = scheme == std::string_view::npos ? 2 : scheme + 3;
    rest = std::min(text.find_first_of("/?", authority), text.size());
  }
  return std::string{text.substr(0, rest)} + encode_rest(text.substr(rest));
}

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= max_host_length &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return ascii::is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
         });
}

bool is_ip6(const std::string& host) {
  const auto address = parse_ip(host);
  return address && address->v6;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

// RFC 3986, section 5.2.4. Boost.URL keeps a ".." that leads above the root.
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
  std::string shown;
  for (const char c : text.substr(0, 200)) {
    shown += has_control({&c, 1}) ? '?' : c;
  }
  // A password must not get into results and logs.
  if (const auto at = shown.rfind('@'); at != std::string::npos) {
    const auto scheme = shown.find("://");
    const auto user = scheme == std::string::npos || scheme > at ? 0 : scheme + 3;
    shown.replace(user, at - user, "...");
  }
  return {std::nullopt, "URL \"" + shown + "\": " + std::string{why}};
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// The host of a reference's authority in the form that the DNS has, and a user's other bytes
// percent-encoded. False where the host cannot be a name.
bool to_ascii(std::string& reference) {
  const auto scheme = scheme_length(reference);
  if (is_ascii(reference) ||
      (scheme == std::string_view::npos && !std::string_view{reference}.starts_with("//"))) {
    return true;
  }
  const auto begin = scheme == std::string_view::npos ? 2 : scheme + 3;
  const auto end = std::min(reference.find_first_of("/?#", begin), reference.size());
  auto authority = reference.substr(begin, end - begin);
  std::string user;
  if (const auto at = authority.rfind('@'); at != std::string::npos) {
    user = encode_rest(authority.substr(0, at)) + "@";
    authority.erase(0, at + 1);
  }
  const auto colon = std::min(authority.rfind(':'), authority.size());
  const auto host = authority.substr(0, colon);
  if (!is_ascii(host)) {
    const auto converted = dns::ascii_host_name(host);
    if (!converted) {
      return false;
    }
    authority.replace(0, colon, *converted);
  }
  reference.replace(begin, end - begin, user + authority);
  return true;
}

url_result cut(const urls::url_view_base& url, std::string_view text) {
  http_url out;
  const auto scheme = url.scheme_id();
  if (scheme != urls::scheme::http && scheme != urls::scheme::https) {
    return fail(text, "the scheme is not http or https");
  }
  out.tls = scheme == urls::scheme::https;
  out.port = out.tls ? 443 : 80;
  // Boost.URL 1.81 takes "host:8x/" for the path "x/" and lets large ports overflow.
  const std::string digits{url.port()};
  if (!digits.empty()) {
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
    if (error != std::errc{} || end != digits.data() + digits.size() || out.port == 0) {
      return fail(text, "the port is not 1 to 65535");
    }
  }
  const std::string path{url.encoded_path()};
  if (!path.empty() && path.front() != '/') {
    return fail(text, "the port is not 1 to 65535");
  }
  out.host = url.host_address();
  std::transform(out.host.begin(), out.host.end(), out.host.begin(), ascii::lower);
  if (url.host_type() == urls::host_type::ipvfuture ||
      (url.host_type() != urls::host_type::ipv6 && !is_host(out.host))) {
    return fail(text, out.host.empty() ? "no host" : "the host is neither a name nor an address");
  }
  out.target = path.empty() ? "/" : path;
  if (url.has_query()) {
    out.target.append("?").append(std::string{url.encoded_query()});
  }
  if (url.has_userinfo()) {
    out.credentials = url.user() + ":" + url.password();
    if (has_control(*out.credentials)) {
      return fail(text, "a control character in the user or password");
    }
  }
  return {std::move(out), {}};
}

} // namespace

std::string http_url::host_header() const {
  std::string text = is_ip6(host) ? "[" + host + "]" : host;
  if (port != (tls ? 443 : 80)) {
    text += ":" + std::to_string(port);
  }
  return text;
}

std::string http_url::text() const {
  return (tls ? "https://" : "http://") + host_header() + target;
}

bool http_url::has_address() const { return parse_ip(host).has_value(); }

url_result parse_target(std::string_view target, const std::string* user_info) {
  const auto text = ascii::trim(target);
  if (text.empty()) {
    return fail(text, "empty");
  }
  if (text.size() > max_url_length) {
    return fail(text, "longer than 8192 bytes");
  }
  if (has_control(text)) {
    return fail(text, "a control character");
  }
  std::string whole;
  if (scheme_length(text) != std::string_view::npos) {
    whole = text;
  } else if (std::string plain{text}; is_ip6(plain)) {
    whole = "http://[" + plain + "]";
  } else {
    whole = "http://" + plain;
  }
  if (user_info) {
    whole.insert(whole.find("://") + 3, *user_info + "@");
  }
  auto encoded = encode_reference(whole);
  if (!to_ascii(encoded)) {
    return fail(text, "the host is not a name that the DNS can hold");
  }
  const auto parsed = urls::parse_uri(encoded);
  if (!parsed) {
    return fail(text, "not a URL; write http://HOST[:PORT][/PATH]");
  }
  return cut(*parsed, text);
}

url_result resolve_location(const http_url& base, std::string_view location) {
  const auto text = ascii::trim(location);
  if (text.empty() || text.size() > max_url_length || has_control(text)) {
    return fail(text, "empty, longer than 8192 bytes, or with a control character");
  }
  auto encoded = encode_reference(text);
  if (!to_ascii(encoded)) {
    return fail(text, "the host is not a name that the DNS can hold");
  }
  const auto asked = base.text(); // what is parsed refers to it
  const auto from = urls::parse_uri(asked);
  const auto reference = urls::parse_uri_reference(encoded);
  urls::url whole;
  if (!from || !reference || !urls::resolve(*from, *reference, whole)) {
    return fail(text, "not a URL or reference");
  }
  auto result = cut(whole, text);
  if (result.url) {
    result.url->target = without_dot_segments(result.url->target);
  }
  return result;
}

bool may_share_credentials(const http_url& first, const http_url& next) noexcept {
  if (first.host != next.host) {
    return false;
  }
  if (first.tls == next.tls) {
    return first.port == next.port;
  }
  return next.tls && first.port == 80 && next.port == 443;
}

} // namespace xprober::http
