#include "xprober/probes/http/cookies.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <memory>

#include <libpsl.h>

#include "xprober/domain/ascii.hpp"
#include "xprober/probes/stream/shown.hpp"

namespace xprober::http {

namespace {

constexpr std::size_t max_pair_length = 4096;
constexpr std::size_t max_refusals_told = 3;
constexpr std::size_t max_cookies = 50;

// Takes the text up to the separator off the front.
std::string_view take(std::string_view& rest, char separator) {
  const auto at = rest.find(separator);
  const auto part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return part;
}

bool is_clean(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return ascii::is_control(c) && c != '\t'; });
}

bool domain_matches(std::string_view host, std::string_view domain) {
  return host == domain || (host.size() > domain.size() && host.ends_with(domain) &&
                            host[host.size() - domain.size() - 1] == '.');
}

bool path_matches(std::string_view target, std::string_view path) {
  const auto asked = target.substr(0, target.find('?'));
  return asked == path ||
         (asked.starts_with(path) && (path.ends_with('/') || asked[path.size()] == '/'));
}

// RFC 6265, section 5.1.4.
std::string default_path(std::string_view target) {
  const auto path = target.substr(0, target.find('?'));
  const auto slash = path.rfind('/');
  return slash == 0 || slash == std::string_view::npos ? "/" : std::string{path.substr(0, slash)};
}

// True for names under which anybody can have a name: "com", "co.uk", "github.io".
bool is_public_suffix(const std::string& domain) {
  static const std::unique_ptr<psl_ctx_t, decltype(&psl_free)> list{psl_latest(nullptr), &psl_free};
  return list && psl_is_public_suffix(list.get(), domain.c_str()) == 1;
}

// The last one counts (RFC 6265, section 5.3): nothing stays of those before.
bool set_domain(cookie& c, std::string_view value, const http_url& from) {
  c.domain = from.host;
  if (value.starts_with('.')) {
    value.remove_prefix(1);
  }
  const auto domain = ascii::to_lower(value);
  if (domain.empty() || domain == from.host) {
    // Its own name below a dot-less or numeric host is that host alone.
    c.host_only = domain.empty() || from.has_address() || domain.find('.') == std::string::npos ||
                  is_public_suffix(domain);
    return true;
  }
  if (from.has_address() || domain.find('.') == std::string::npos || domain.ends_with('.') ||
      !domain_matches(from.host, domain) || is_public_suffix(domain)) {
    return false;
  }
  c.domain = domain;
  c.host_only = false;
  return true;
}

std::optional<std::int64_t> max_age(std::string_view value, std::int64_t now) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error == std::errc::result_out_of_range) {
    return value.starts_with('-') ? 0 : std::int64_t{1} << 60;
  }
  if (error != std::errc{} || end != value.data() + value.size()) {
    return std::nullopt;
  }
  return seconds <= 0 ? 0 : now + std::min(seconds, std::int64_t{1} << 60);
}

std::optional<int> number(std::string_view text, std::size_t min_digits, std::size_t max_digits) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const auto digits = static_cast<std::size_t>(end - text.data());
  if (error != std::errc{} || digits < min_digits || digits > max_digits || text[0] == '-') {
    return std::nullopt;
  }
  return value;
}

struct date_parts {
  std::optional<int> hour, minute, second, day, month, year;

  void read(std::string_view token) {
    static constexpr std::array<std::string_view, 12> months{
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
    if (!hour && token.find(':') != std::string_view::npos) {
      auto rest = token;
      hour = number(take(rest, ':'), 1, 2);
      minute = number(take(rest, ':'), 1, 2);
      second = number(rest, 1, 2);
    } else if (const auto d = number(token, 1, 2); !day && d) {
      day = d;
    } else if (const auto m =
                   std::find(months.begin(), months.end(), ascii::to_lower(token.substr(0, 3)));
               !month && m != months.end()) {
      month = static_cast<int>(m - months.begin()) + 1;
    } else if (const auto y = number(token, 2, 4); !year && y) {
      year = *y >= 100 ? *y : *y + (*y >= 70 ? 1900 : 2000);
    }
  }
};

cookie_result refusal(std::string_view name, std::string_view why) {
  return {std::nullopt, "\"" + stream::shown(name, 64) + "\": " + std::string{why}};
}

// draft-ietf-httpbis-rfc6265bis, section 4.1.3: what a name's beginning promises.
bool keeps_promise(const cookie& c, bool has_domain, const http_url& from) {
  const bool secure = c.secure && from.tls;
  if (ascii::starts_with(c.name, "__Host-")) {
    return secure && !has_domain && c.path == "/";
  }
  return !ascii::starts_with(c.name, "__Secure-") || secure;
}

// RFC 6265, section 5.2. What is wrong, or empty.
std::string set_attributes(cookie& c, std::string_view attributes, const http_url& from,
                           std::int64_t now_unix) {
  bool has_max_age = false;
  bool has_domain = false;
  while (!attributes.empty()) {
    auto value = take(attributes, ';');
    const auto name = ascii::to_lower(ascii::trim(take(value, '=')));
    value = ascii::trim(value);
    if (name == "domain") {
      has_domain = true;
      if (!set_domain(c, value, from)) {
        return from.host + " may not set one for " + stream::shown(value, 64);
      }
    } else if (name == "path") {
      c.path = value.starts_with('/') ? std::string{value} : default_path(from.target);
    } else if (name == "secure") {
      c.secure = true;
    } else if (name == "max-age") {
      if (const auto until = max_age(value, now_unix)) {
        c.expires_unix = until;
        has_max_age = true;
      }
    } else if (name == "expires" && !has_max_age) {
      if (const auto until = parse_cookie_date(value)) {
        c.expires_unix = until;
      }
    }
  }
  return keeps_promise(c, has_domain, from) ? "" : "its attributes do not keep what its name says";
}

} // namespace

std::optional<std::int64_t> parse_cookie_date(std::string_view text) {
  date_parts parts;
  constexpr std::string_view delimiters = "\t !\"#$%&'()*+,-./;<=>?@[\\]^_`{|}~";
  while (!text.empty()) {
    const auto first = text.find_first_not_of(delimiters);
    if (first == std::string_view::npos) {
      break;
    }
    text.remove_prefix(first);
    const auto length = std::min(text.find_first_of(delimiters), text.size());
    parts.read(text.substr(0, length));
    text.remove_prefix(length);
  }
  if (!parts.hour || !parts.minute || !parts.second || !parts.day || !parts.month || !parts.year ||
      *parts.hour > 23 || *parts.minute > 59 || *parts.second > 59 || *parts.year < 1601) {
    return std::nullopt;
  }
  using namespace std::chrono;
  const year_month_day date{year{*parts.year}, month{static_cast<unsigned>(*parts.month)},
                            day{static_cast<unsigned>(*parts.day)}};
  if (!date.ok()) {
    return std::nullopt;
  }
  const auto time =
      sys_days{date} + hours{*parts.hour} + minutes{*parts.minute} + seconds{*parts.second};
  return duration_cast<seconds>(time.time_since_epoch()).count();
}

cookie_result parse_set_cookie(std::string_view header, const http_url& from,
                               std::int64_t now_unix) {
  auto attributes = header;
  auto pair = take(attributes, ';');
  const bool is_pair = pair.find('=') != std::string_view::npos;
  cookie c;
  c.name = ascii::trim(take(pair, '='));
  c.value = ascii::trim(pair);
  c.domain = from.host;
  c.path = default_path(from.target);
  if (c.name.empty() || !is_pair) {
    return refusal(c.name, "it is not a pair of name and value");
  }
  if (!is_clean(header)) {
    return refusal(c.name, "it has a control character");
  }
  if (const auto size = c.name.size() + c.value.size(); size > max_pair_length) {
    return refusal(c.name, "name and value have " + std::to_string(size) + " bytes, more than " +
                               std::to_string(max_pair_length));
  }
  auto wrong = set_attributes(c, attributes, from, now_unix);
  return wrong.empty() ? cookie_result{std::move(c), {}} : refusal(c.name, wrong);
}

std::string cookie_jar::refused() const {
  std::string all;
  for (const auto& one : refused_) {
    all.append(all.empty() ? "; not kept: cookie " : "; cookie ").append(one);
  }
  return all;
}

void cookie_jar::tell(std::string refusal) {
  // A redirect that waits for its cookie sets it again and again.
  const bool is_told = std::ranges::find(refused_, refusal) != refused_.end();
  if (!is_told && refused_.size() < max_refusals_told) {
    refused_.push_back(std::move(refusal));
  }
}

void cookie_jar::set(std::string_view header, const http_url& from, std::int64_t now_unix) {
  auto result = parse_set_cookie(header, from, now_unix);
  auto& fresh = result.taken;
  if (!fresh) {
    tell(std::move(result.refusal));
    return;
  }
  const auto old = std::find_if(cookies_.begin(), cookies_.end(), [&](const cookie& c) {
    return c.name == fresh->name && c.domain == fresh->domain && c.path == fresh->path;
  });
  const bool expired = fresh->expires_unix && *fresh->expires_unix <= now_unix;
  if (old != cookies_.end()) {
    if (expired) {
      cookies_.erase(old);
    } else {
      *old = std::move(*fresh);
    }
    return;
  }
  if (expired) {
    return;
  }
  if (cookies_.size() >= max_cookies) {
    tell(refusal(cookies_.front().name,
                 "there are more than " + std::to_string(max_cookies) + ", and it was the oldest")
             .refusal);
    cookies_.erase(cookies_.begin());
  }
  cookies_.push_back(std::move(*fresh));
}

std::string cookie_jar::header_for(const http_url& url, std::int64_t now_unix) const {
  std::vector<const cookie*> chosen;
  for (const auto& c : cookies_) {
    const bool host = c.host_only ? c.domain == url.host : domain_matches(url.host, c.domain);
    const bool alive = !c.expires_unix || *c.expires_unix > now_unix;
    if (host && alive && (url.tls || !c.secure) && path_matches(url.target, c.path)) {
      chosen.push_back(&c);
    }
  }
  // RFC 6265, section 5.4: longer paths first, then the older.
  std::stable_sort(chosen.begin(), chosen.end(), [](const cookie* a, const cookie* b) {
    return a->path.size() > b->path.size();
  });
  std::string header;
  for (const auto* c : chosen) {
    if (!header.empty()) {
      header += "; ";
    }
    header.append(c->name).append("=").append(c->value);
  }
  return header;
}

} // namespace xprober::http
