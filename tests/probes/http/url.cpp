#define CAF_SUITE url

#include "xprober/probes/http/url.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/target.hpp"

#include "caf/test/unit_test.hpp"

namespace url_suite {

using namespace xprober::http;

namespace {

http_url parsed(std::string_view target) {
  auto result = parse_target(target);
  if (!result.url) {
    CAF_FAIL("refused: " << result.error);
  }
  return *result.url;
}

std::string moved(std::string_view base, std::string_view location) {
  auto result = resolve_location(parsed(base), location);
  return result.url ? result.url->text() : result.error;
}

} // namespace

CAF_TEST(a target without a scheme is http) {
  auto url = parsed("example.com");
  CAF_CHECK(!url.tls);
  CAF_CHECK_EQUAL(url.host, "example.com");
  CAF_CHECK_EQUAL(url.port, 80);
  CAF_CHECK_EQUAL(url.target, "/");
  CAF_CHECK_EQUAL(parsed("example.com:8080/a?b").text(), "http://example.com:8080/a?b");
  CAF_CHECK_EQUAL(parsed("example.com/?u=https://x/y").text(), "http://example.com/?u=https://x/y");
}

CAF_TEST(an https target has its own port) {
  auto url = parsed("HTTPS://Example.COM/Path?Q=1#part");
  CAF_CHECK(url.tls);
  CAF_CHECK_EQUAL(url.port, 443);
  CAF_CHECK_EQUAL(url.host, "example.com");
  CAF_CHECK_EQUAL(url.target, "/Path?Q=1");
  CAF_CHECK_EQUAL(url.host_header(), "example.com");
}

CAF_TEST(the host header has a port other than that of the scheme) {
  CAF_CHECK_EQUAL(parsed("http://a:80/").host_header(), "a");
  CAF_CHECK_EQUAL(parsed("http://a:443/").host_header(), "a:443");
  CAF_CHECK_EQUAL(parsed("https://a:443/").host_header(), "a");
  CAF_CHECK_EQUAL(parsed("https://a:80/").host_header(), "a:80");
}

CAF_TEST(numeric addresses) {
  auto url = parsed("http://[2001:DB8::1]:81/x");
  CAF_CHECK_EQUAL(url.host, "2001:db8::1");
  CAF_CHECK_EQUAL(url.port, 81);
  CAF_CHECK_EQUAL(url.host_header(), "[2001:db8::1]:81");
  CAF_CHECK(url.has_address());
  CAF_CHECK_EQUAL(parsed("::1").text(), "http://[::1]/");
  CAF_CHECK_EQUAL(parsed("[::1]:8080").text(), "http://[::1]:8080/");
  CAF_CHECK(parsed("192.0.2.1:80").has_address());
  CAF_CHECK(!parsed("a.example").has_address());
}

CAF_TEST(credentials are taken out and decoded) {
  auto url = parsed("http://us%40er:p%3Aw@host/x");
  CAF_CHECK_EQUAL(url.credentials, std::optional<std::string>("us@er:p:w"));
  CAF_CHECK_EQUAL(url.text(), "http://host/x");
  CAF_CHECK(!parsed("http://host/").credentials);
  CAF_CHECK(!parsed("http://@host/?token=x").credentials);
}

CAF_TEST(a target is the same without its user) {
  for (const std::string text :
       {"u:p@host/x", "u:p@http://x/", "u:p@10.0.0.0/24", "@host/?token=x"}) {
    auto address = text;
    const auto taken = xprober::take_user(xprober::kinds::http(), address);
    CAF_REQUIRE(taken.has_value());
    CAF_CHECK((*parse_target(address, &*taken).url == parsed(text)));
  }
}

CAF_TEST(what people write is encoded) {
  CAF_CHECK_EQUAL(parsed("http://h/a b?x[]=\"1\"|\\").target, "/a%20b?x%5B%5D=%221%22%7C%5C");
  CAF_CHECK_EQUAL(parsed("http://h/%7Ea%zz%").target, "/%7Ea%25zz%25");
  CAF_CHECK_EQUAL(parsed("http://h/\xC3\xA9").target, "/%C3%A9");
  CAF_CHECK_EQUAL(parsed("http://h?q").target, "/?q");
}

CAF_TEST(what is no http url is refused with a reason) {
  for (std::string_view bad :
       {"", "  ", "ftp://host/", "http://", "http:///x", "http://host:99999/", "http://host:0/",
        "http://host:x/", "http://ho st/", "http://[::1/", "http://a\r\nb/", "http://h/\x01",
        "http://ho%0d%0ast/", "mailto://", "http://h%2Fx/", "http://0.0.0.0/",
        "http://[fe80::1]/"}) {
    auto result = parse_target(bad);
    CAF_MESSAGE(bad);
    CAF_CHECK(!result.url);
    CAF_CHECK(result.error.starts_with("URL \""));
  }
  CAF_CHECK(!parse_target("http://h/" + std::string(9000, 'a')).url);
}

CAF_TEST(the last at before the path ends the user) {
  CAF_CHECK((parsed("http://user:p@ss@host:81/a@b").credentials == "user:p@ss"));
  CAF_CHECK_EQUAL(parsed("http://user:p@ss@host:81/a@b").text(), "http://host:81/a@b");
  CAF_CHECK((parsed("http://us er:p[]|^@host/").credentials == "us er:p[]|^"));
  CAF_CHECK((parsed("http://only@host/").credentials == "only:"));
  const std::string user = "user:p@s/s";
  CAF_CHECK((parse_target("http://host/", &user).url->credentials == user));
  const std::string unsendable = "u%0Aser:p";
  CAF_CHECK(!parse_target("http://host/", &unsendable).url);
  CAF_CHECK(!parse_target("http://" + unsendable + "@host/").url);
  auto moved_on = resolve_location(parsed("http://a/"), "http://user:p@ss@a/x");
  CAF_REQUIRE(moved_on.url);
  CAF_CHECK((moved_on.url->credentials == "user:p@ss"));
}

CAF_TEST(a zone is a matter of this machine) {
  const auto url = parsed("http://[FE80::1%25v0]:81/x");
  CAF_CHECK_EQUAL(url.host, "fe80::1");
  CAF_CHECK_EQUAL(url.dialled_host(), "fe80::1%v0");
  CAF_CHECK_EQUAL(url.host_header(), "[fe80::1]:81");
  CAF_CHECK_EQUAL(url.text(), "http://[fe80::1]:81/x");
  CAF_CHECK(url.has_address());
  for (const auto* location : {"/y", "http://[fe80::1]:81/y", "//[fe80::1]:81/y", "y"}) {
    const auto next = resolve_location(url, location);
    CAF_REQUIRE(next.url);
    CAF_CHECK_EQUAL(next.url->text(), "http://[fe80::1]:81/y");
    CAF_CHECK_EQUAL(next.url->dialled_host(), "fe80::1%v0");
  }
  CAF_MESSAGE("no server is told of it");
  CAF_CHECK_EQUAL(resolve_location(url, "http://other.test/[fe80::2]").url->text(),
                  "http://other.test/%5Bfe80::2%5D");
  CAF_CHECK_EQUAL(resolve_location(url, "http://u@[fe80::2]/").url->dialled_host(), "fe80::2%v0");
  CAF_MESSAGE("where no zone was asked there is none to go on with");
  CAF_CHECK(!resolve_location(parsed("http://a/"), "http://[fe80::1]/").url);
}

CAF_TEST(no reserved character is decoded on the way) {
  CAF_CHECK_EQUAL(moved("http://a/", "/a%2Fb?c%26d=%3F"), "http://a/a%2Fb?c%26d=%3F");
  CAF_CHECK_EQUAL(moved("http://a/", "http://b/a%2fb"), "http://b/a%2fb");
  CAF_CHECK_EQUAL(moved("http://a/x%2Fy/z", "w"), "http://a/x%2Fy/w");
}

CAF_TEST(a reason does not tell the password) {
  CAF_CHECK_EQUAL(parse_target("http://me:sec/ret@host/").error.find("sec"), std::string::npos);
  CAF_CHECK_EQUAL(parse_target("http://me:secret@host:0/").error.find("secret"), std::string::npos);
}

CAF_TEST(locations are resolved against the url that was asked) {
  CAF_CHECK_EQUAL(moved("http://a/b/c/d?q", "g"), "http://a/b/c/g");
  CAF_CHECK_EQUAL(moved("http://a/b/c/d?q", "../g?y#s"), "http://a/b/g?y");
  CAF_CHECK_EQUAL(moved("http://a/b/c/d?q", "/g"), "http://a/g");
  CAF_CHECK_EQUAL(moved("http://a/b/c/d?q", "?y"), "http://a/b/c/d?y");
  CAF_CHECK_EQUAL(moved("https://a:8443/b", "//other/g"), "https://other/g");
  CAF_CHECK_EQUAL(moved("http://a:8080/b", "https://a/c d"), "https://a/c%20d");
  CAF_CHECK_EQUAL(moved("http://[::1]:81/b", "x"), "http://[::1]:81/x");
  CAF_CHECK_EQUAL(moved("http://a", "b"), "http://a/b");
  CAF_CHECK_EQUAL(moved("http://a/", "../../g/./h/..?.."), "http://a/g/?..");
  CAF_CHECK_EQUAL(moved("http://a/b/c/d", ".."), "http://a/b/");
}

CAF_TEST(locations that lead nowhere are refused) {
  for (std::string_view bad :
       {"", "ftp://x/", "javascript:alert(1)", "http://", "http://x:0/", "http://a b/", "http:x",
        "mailto:me@a", "http://0.0.0.0/", "//[::]/"}) {
    CAF_MESSAGE(bad);
    CAF_CHECK(!resolve_location(parsed("http://a/"), bad).url);
  }
}

CAF_TEST(no escape of a location is decoded or made) {
  for (const auto* path :
       {"/a%2Fb", "/a%2fb", "/%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C", "/%7euser/%41",
        "/100%2525", "/x?next=%2Fhome%3Fa%3D1%26b%3D2&c=%23", "/a//b", "/%2e%2e/b"}) {
    CAF_CHECK_EQUAL(moved("http://a.test/dir/page", path), std::string{"http://a.test"} + path);
    CAF_CHECK_EQUAL(moved("http://a.test/dir/page", std::string{"https://b.test:81"} + path),
                    std::string{"https://b.test:81"} + path);
  }
  CAF_CHECK_EQUAL(moved("http://a.test/d%2Fir/page?q", "b%2Fc"), "http://a.test/d%2Fir/b%2Fc");
  CAF_CHECK_EQUAL(moved("http://a.test/d%2Fir/page?q", "?x=%2F"),
                  "http://a.test/d%2Fir/page?x=%2F");
  CAF_CHECK_EQUAL(moved("http://a.test/d/page?q#f", "#top"), "http://a.test/d/page?q");
  CAF_CHECK_EQUAL(moved("http://u:p@a.test/d/page", "//b.test"), "http://b.test/");
}

CAF_TEST(credentials stay with their host) {
  const auto first = parsed("http://a/");
  CAF_CHECK(may_share_credentials(first, parsed("http://a/x")));
  CAF_CHECK(may_share_credentials(first, parsed("https://a/")));
  CAF_CHECK(!may_share_credentials(first, parsed("http://b/")));
  CAF_CHECK(!may_share_credentials(first, parsed("http://sub.a/")));
  CAF_CHECK(!may_share_credentials(first, parsed("http://a:8080/")));
  CAF_CHECK(!may_share_credentials(parsed("https://a/"), first));
}

CAF_TEST(names of other scripts become what the DNS has) {
  CAF_CHECK_EQUAL(parsed("http://B\u00FCcher.example/\u00E4").text(),
                  "http://xn--bcher-kva.example/%C3%A4");
  CAF_CHECK_EQUAL(parsed("\u4F8B\u3048.test:81/").host_header(), "xn--r8jz45g.test:81");
  CAF_CHECK((parsed("https://fa\u00DF.de/").host == "xn--fa-hia.de")); // not transitional
  CAF_CHECK((parsed("http://\u00FC:p@\u00FC.de/").credentials == "\u00FC:p"));
  CAF_CHECK_EQUAL(moved("http://a/", "//\u00FC.de/x"), "http://xn--tda.de/x");
  CAF_CHECK(!parse_target("http://\xFF.de/").url);
  CAF_CHECK(!parse_target("http://" + std::string(200, 'a') + "\u00FC.de/").url);
}

CAF_TEST(a user that was taken out of a url is put in again) {
  const std::string user = "u%40x:p%20w";
  CAF_CHECK((parse_target("http://h:81/p", &user).url->credentials == "u@x:p w"));
  CAF_CHECK((parse_target("h:81/p", &user).url->credentials == "u@x:p w"));
  CAF_CHECK_EQUAL(parse_target("h:81/p", &user).url->text(), "http://h:81/p");
  const auto wrong = parse_target("http://h:99999/", &user).error;
  CAF_CHECK(wrong.find("p%20w") == std::string::npos);
}

} // namespace url_suite
