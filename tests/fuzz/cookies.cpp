// Cookies and dates: each line of the input is a Set-Cookie header, and a date.

#include "xprober/probes/http/cookies.hpp"
#include "fuzz/support/fuzz.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/domain/time_text.hpp"

namespace xprober::fuzz_cookies {

namespace {

using namespace fuzz;

constexpr std::int64_t now = 1'700'000'000;

bool is_below(std::string_view host, std::string_view domain) {
  return host == domain || (host.ends_with(domain) && host.size() > domain.size() &&
                            host[host.size() - domain.size() - 1] == '.');
}

void check_cookie(std::string_view header, const http::http_url& from) {
  const auto read = http::parse_set_cookie(header, from, now);
  require(read.taken.has_value() == read.refusal.empty(), "there is a cookie or a reason");
  if (!read.taken) {
    return;
  }
  const auto& taken = *read.taken;
  require(taken.name.size() + taken.value.size() <= 4096, "a cookie is no longer than it may be");
  require(std::ranges::none_of(taken.name + taken.value,
                               [](char c) { return ascii::is_control(c) && c != '\t'; }),
          "a cookie has no control characters");
  require(is_below(from.host, taken.domain), "a host sets cookies for itself and what it is below");
  require(taken.path.starts_with('/'), "a path begins with /");
  const bool expired = taken.expires_unix && *taken.expires_unix <= now;
  if (!expired && (!taken.secure || from.tls) && taken.path.find('?') == std::string::npos) {
    http::cookie_jar jar;
    jar.set(header, from, now);
    auto back = from;
    back.target = taken.path;
    require(jar.header_for(back, now) == taken.name + "=" + taken.value,
            "a cookie goes back to where it came from");
  }
}

/// Of the years 0 to 9999, which have a text.
void check_written(std::int64_t seconds) {
  constexpr std::int64_t first = -62'167'219'200;
  constexpr std::int64_t last = 253'402'300'799;
  require(seconds < first || seconds > last || parse_rfc3339(rfc3339(seconds)) == seconds * 1000,
          "a time can be written and read");
}

void check_date(std::string_view text) {
  if (const auto time = http::parse_cookie_date(text)) {
    check_written(*time);
  }
  if (const auto time = parse_rfc3339(text)) {
    check_written(*time >= 0 ? *time / 1000 : (*time - 999) / 1000);
  }
  if (const auto time = parse_http_date(text)) {
    check_written(*time);
  }
}

} // namespace

XPROBER_FUZZ(cookies) {
  static const auto plain = *http::parse_target("http://www.shop.example/a/b").url;
  static const auto secure = *http::parse_target("https://www.shop.co.uk/").url;
  static const auto address = *http::parse_target("http://192.0.2.1/").url;
  http::cookie_jar jar;
  for (input in{bytes}; !in.rest().empty();) {
    const auto line = in.until('\n');
    check_date(line);
    for (const auto* from : {&plain, &secure, &address}) {
      check_cookie(line, *from);
      jar.set(line, *from, now);
    }
    require(jar.size() <= 50, "a jar has its limit");
  }
  for (const auto* to : {&plain, &secure, &address}) {
    const auto header = jar.header_for(*to, now);
    require(header.find_first_of("\r\n") == header.npos, "a header is one line");
  }
  require(jar.refused().find('\n') == std::string::npos, "what was refused is one line");
}

} // namespace xprober::fuzz_cookies
