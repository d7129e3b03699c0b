#define CAF_SUITE cookies

#include "xprober/probes/http/cookies.hpp"

#include "caf/test/unit_test.hpp"

namespace cookies_suite {

using namespace xprober::http;

namespace {

constexpr std::int64_t now = 1'700'000'000;

http_url at(std::string_view target) { return *parse_target(target).url; }

// What is sent to `to` after `header` came from `from`.
std::string sent(std::string_view header, std::string_view from, std::string_view to) {
  cookie_jar jar;
  jar.set(header, at(from), now);
  return jar.header_for(at(to), now);
}

} // namespace

CAF_TEST(a cookie goes back to the host it came from) {
  CAF_CHECK_EQUAL(sent("a=1", "http://www.x.test/", "http://www.x.test/y"), "a=1");
  CAF_CHECK_EQUAL(sent("a=1", "http://x.test/", "http://www.x.test/"), "");
  CAF_CHECK_EQUAL(sent("a=1", "http://www.x.test/", "http://x.test/"), "");
  CAF_CHECK_EQUAL(sent(" a = \"1 2\" ; HttpOnly", "http://x.test/", "http://x.test/"), "a=\"1 2\"");
}

CAF_TEST(a domain attribute opens the names below it) {
  CAF_CHECK_EQUAL(sent("a=1; Domain=.X.test", "http://www.x.test/", "http://b.x.test/"), "a=1");
  CAF_CHECK_EQUAL(sent("a=1; domain=x.test", "http://x.test/", "http://b.x.test/"), "a=1");
  CAF_CHECK_EQUAL(sent("a=1; domain=x.test", "http://x.test/", "http://bx.test/"), "");
}

CAF_TEST(the last domain attribute counts) {
  const std::string_view host = "http://www.x.test/";
  const std::string_view other = "http://b.x.test/";
  CAF_CHECK_EQUAL(sent("a=1; Domain=www.x.test; Domain=x.test", host, other), "a=1");
  CAF_CHECK_EQUAL(sent("a=1; Domain=x.test; Domain=www.x.test", host, other), "");
  CAF_CHECK_EQUAL(sent("a=1; Domain=x.test; Domain=www.x.test", host, host), "a=1");
  CAF_CHECK_EQUAL(sent("a=1; Domain=x.test; Domain=", host, host), "a=1");
}

CAF_TEST(a foreign or too wide domain is refused) {
  CAF_CHECK_EQUAL(sent("a=1; domain=y.test", "http://x.test/", "http://x.test/"), "");
  CAF_CHECK_EQUAL(sent("a=1; domain=test", "http://x.test/", "http://y.test/"), "");
  CAF_CHECK_EQUAL(sent("a=1; domain=test", "http://x.test/", "http://x.test/"), "");
  CAF_CHECK_EQUAL(sent("a=1; domain=b.x.test", "http://x.test/", "http://x.test/"), "");
}

CAF_TEST(a host without a dot can name itself alone) {
  CAF_CHECK_EQUAL(sent("a=1; domain=localhost", "http://localhost/", "http://localhost/"), "a=1");
  CAF_CHECK_EQUAL(sent("a=1; domain=localhost", "http://localhost/", "http://b.localhost/"), "");
}

CAF_TEST(addresses are never suffixes) {
  CAF_CHECK_EQUAL(sent("a=1; domain=2.3.4", "http://1.2.3.4/", "http://9.2.3.4/"), "");
  CAF_CHECK_EQUAL(sent("a=1; domain=1.2.3.4", "http://1.2.3.4/", "http://1.2.3.4/"), "a=1");
  CAF_CHECK_EQUAL(sent("a=1", "http://[::1]/", "http://[::1]/"), "a=1");
}

CAF_TEST(paths) {
  CAF_CHECK_EQUAL(sent("a=1", "http://x.test/d/e?f", "http://x.test/d/z"), "a=1");
  CAF_CHECK_EQUAL(sent("a=1", "http://x.test/d/e", "http://x.test/"), "");
  CAF_CHECK_EQUAL(sent("a=1; path=/", "http://x.test/d/e", "http://x.test/"), "a=1");
  CAF_CHECK_EQUAL(sent("a=1; path=/d", "http://x.test/", "http://x.test/dx"), "");
  CAF_CHECK_EQUAL(sent("a=1; path=/d", "http://x.test/", "http://x.test/d?x"), "a=1");
  CAF_CHECK_EQUAL(sent("a=1; path=bad", "http://x.test/", "http://x.test/q"), "a=1");
}

CAF_TEST(secure cookies go over https alone) {
  CAF_CHECK_EQUAL(sent("a=1; Secure", "https://x.test/", "http://x.test/"), "");
  CAF_CHECK_EQUAL(sent("a=1; Secure", "https://x.test/", "https://x.test/"), "a=1");
}

CAF_TEST(expiry) {
  cookie_jar jar;
  const auto x = at("http://x.test/");
  jar.set("a=1; Max-Age=10", x, now);
  CAF_CHECK_EQUAL(jar.header_for(x, now + 9), "a=1");
  CAF_CHECK_EQUAL(jar.header_for(x, now + 10), "");
  jar.set("a=1; Max-Age=0", x, now);
  CAF_CHECK_EQUAL(jar.size(), 0u);
  jar.set("b=1; Expires=Wed, 09 Jun 2021 10:18:14 GMT", x, now);
  CAF_CHECK_EQUAL(jar.size(), 0u);
  CAF_MESSAGE("Max-Age goes before Expires");
  jar.set("b=1; Max-Age=5; Expires=Wed, 09 Jun 2021 10:18:14 GMT", x, now);
  CAF_CHECK_EQUAL(jar.size(), 1u);
  jar.set("c=1; Max-Age=99999999999999999999", x, now);
  jar.set("d=1; Max-Age=x; Expires=never", x, now);
  CAF_CHECK_EQUAL(jar.header_for(x, now), "b=1; c=1; d=1");
}

CAF_TEST(dates of all forms) {
  for (auto text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                    "Sun Nov  6 08:49:37 1994", "6 november 1994 8:49:37"}) {
    CAF_CHECK_EQUAL(parse_cookie_date(text), std::optional<std::int64_t>{784111777});
  }
  for (auto text : {"", "x", "06 Nov 1994", "31 Feb 2020 10:00:00", "06 Nov 1994 25:00:00",
                    "06 Nov 1200 08:49:37"}) {
    CAF_CHECK_EQUAL(parse_cookie_date(text), std::optional<std::int64_t>{});
  }
}

CAF_TEST(a cookie replaces its namesake and longer paths go first) {
  cookie_jar jar;
  const auto x = at("http://x.test/d/e");
  jar.set("a=1; path=/", x, now);
  jar.set("b=2; path=/d", x, now);
  jar.set("a=3; path=/", x, now);
  CAF_CHECK_EQUAL(jar.header_for(x, now), "b=2; a=3");
}

CAF_TEST(what is limited is name and value) {
  const std::string long_value(4093, 'x');
  CAF_CHECK_EQUAL(sent("sid=" + long_value +
                           "; Path=/; SameSite=Lax; HttpOnly; Comment=" + std::string(5000, 'y'),
                       "http://x.test/", "http://x.test/"),
                  "sid=" + long_value);
  CAF_CHECK_EQUAL(sent("sid=x" + long_value, "http://x.test/", "http://x.test/"), "");
}

CAF_TEST(a name that promises something has to keep it) {
  const auto* secure = "https://x.test/d/e";
  CAF_CHECK_EQUAL(sent("__Secure-a=1; Secure", secure, secure), "__Secure-a=1");
  CAF_CHECK_EQUAL(sent("__secure-a=1", secure, secure), "");
  CAF_CHECK_EQUAL(sent("__Secure-a=1; Secure", "http://x.test/", secure), "");
  CAF_CHECK_EQUAL(sent("__Host-a=1; Secure; Path=/", secure, secure), "__Host-a=1");
  CAF_CHECK_EQUAL(sent("__Host-a=1; Secure", secure, secure), "");
  CAF_CHECK_EQUAL(sent("__Host-a=1; Secure; Path=/; Domain=x.test", secure, secure), "");
}

CAF_TEST(what is not taken is told and not all of it) {
  cookie_jar jar;
  const auto x = at("http://x.test/");
  CAF_CHECK_EQUAL(jar.refused(), "");
  jar.set("a=1", x, now);
  CAF_CHECK_EQUAL(jar.refused(), "");
  jar.set("sid=" + std::string(5000, 'x'), x, now);
  CAF_CHECK_EQUAL(jar.refused(),
                  "; not kept: cookie \"sid\": name and value have 5003 bytes, more than 4096");
  for (int i = 0; i < 10; ++i) {
    jar.set("b=1; domain=other.test", x, now);
  }
  CAF_CHECK_EQUAL(jar.refused(),
                  "; not kept: cookie \"sid\": name and value have 5003 bytes, more than 4096; "
                  "cookie \"b\": x.test may not set one for other.test");
  for (char name = 'c'; name < 'm'; ++name) {
    jar.set(std::string{name} + "=1; domain=other.test", x, now);
  }
  CAF_CHECK(jar.refused().ends_with("cookie \"c\": x.test may not set one for other.test"));
}

CAF_TEST(malformed and huge cookies are dropped and the jar is bounded) {
  cookie_jar jar;
  const auto x = at("http://x.test/");
  for (std::string bad : {"", "a", "=1", ";", "a=1\r\nX: y", "a=\x01"}) {
    jar.set(bad, x, now);
  }
  jar.set("a=" + std::string(5000, 'x'), x, now);
  CAF_CHECK_EQUAL(jar.size(), 0u);
  CAF_CHECK_EQUAL(sent("a=1\t2", "http://x.test/", "http://x.test/"), "a=1\t2");
  for (int i = 0; i < 80; ++i) {
    jar.set("n" + std::to_string(i) + "=1", x, now);
  }
  CAF_CHECK_EQUAL(jar.size(), 50u);
  CAF_CHECK(jar.header_for(x, now).starts_with("n30=1; "));
}

CAF_TEST(what a full jar lets go of is told) {
  cookie_jar jar;
  for (int i = 0; i < 51; ++i) {
    jar.set("n" + std::to_string(i) + "=1", at("http://x.test/"), now);
  }
  CAF_CHECK_EQUAL(jar.refused(),
                  "; not kept: cookie \"n0\": there are more than 50, and it was the "
                  "oldest");
}

CAF_TEST(nobody sets a cookie for a public suffix) {
  CAF_CHECK_EQUAL(sent("a=1; domain=co.uk", "http://x.co.uk/", "http://x.co.uk/"), "");
  CAF_CHECK_EQUAL(sent("a=1; domain=github.io", "http://x.github.io/", "http://y.github.io/"), "");
  CAF_CHECK_EQUAL(sent("a=1; domain=x.co.uk", "http://b.x.co.uk/", "http://c.x.co.uk/"), "a=1");
  // A host that is one itself has the cookie alone.
  CAF_CHECK_EQUAL(sent("a=1; domain=github.io", "http://github.io/", "http://github.io/"), "a=1");
  CAF_CHECK_EQUAL(sent("a=1; domain=github.io", "http://github.io/", "http://x.github.io/"), "");
}

} // namespace cookies_suite
