#define CAF_SUITE proxy

#include "xprober/probes/http/proxy.hpp"

#include <cstdlib>
#include <stdexcept>

#include "caf/test/unit_test.hpp"

namespace proxy_suite {

using namespace xprober;
using namespace xprober::http;

namespace {

http_config with(std::string proxy, std::vector<std::string> none = {}) {
  http_config config;
  config.proxy_url = std::move(proxy);
  config.no_proxy = std::move(none);
  return config;
}

bool is_for(const proxy_settings& proxy, std::string_view target) {
  return proxy.server_for(*parse_target(target).url) != nullptr;
}

} // namespace

CAF_TEST(without a url there is not a proxy) {
  CAF_CHECK(!proxy_settings::make({}));
  CAF_CHECK(!proxy_settings::make(with("", {"a"})));
}

CAF_TEST(names blocks and addresses are reached without it) {
  const auto proxy =
      proxy_settings::make(with("http://p:3128", {"Inside.Test", ".below.test", "*.star.test",
                                                  "whole.test.", "10.0.0.0/8", "::1"}));
  for (const auto* near :
       {"inside.test", "http://a.b.inside.test/", "inside.test.", "below.test", "x.below.test",
        "x.star.test", "whole.test", "a.whole.test.", "http://10.9.8.7:81/", "http://[::1]/"}) {
    CAF_CHECK(!is_for(*proxy, near));
  }
  for (const auto* far : {"other.test", "xinside.test", "inside.test.com", "http://11.0.0.1/",
                          "http://[::2]/", "https://a/"}) {
    CAF_CHECK(is_for(*proxy, far));
  }
  CAF_CHECK(!is_for(*proxy_settings::make(with("http://p:3128", {"*"})), "http://any/"));
}

CAF_TEST(a tunnel is asked for by host and port) {
  const auto made = proxy_settings::make(with("http://Aladdin:open%20sesame@p:3128/"));
  const auto* proxy = made->server_for(*parse_target("https://[::1]/x").url);
  CAF_REQUIRE(proxy != nullptr);
  CAF_CHECK_EQUAL(proxy->address().port, 3128);
  CAF_CHECK_EQUAL(proxy->address().text(), "http://p:3128/");
  CAF_CHECK_EQUAL(proxy->connect_request(*parse_target("https://[::1]/x").url, "me"),
                  "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\nUser-Agent: me\r\n"
                  "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
}

CAF_TEST(what is not a proxy is refused without its password) {
  for (const auto* url : {"https://u:secret@p:x", "ftp://u:secret@p", "http://u:secret@p:0"}) {
    try {
      proxy_settings::make(with(url));
      CAF_FAIL("taken: " << url);
    } catch (const std::runtime_error& wrong) {
      CAF_CHECK(std::string_view{wrong.what()}.starts_with("http.proxy_url: "));
      CAF_CHECK(std::string_view{wrong.what()}.find("secret") == std::string_view::npos);
    }
  }
}

CAF_TEST(a proxy can be spoken to over TLS) {
  const auto made = proxy_settings::make(with("https://p/"));
  const auto* proxy = made->server_for(*parse_target("http://a/").url);
  CAF_REQUIRE(proxy != nullptr);
  CAF_CHECK(proxy->address().tls);
  CAF_CHECK_EQUAL(proxy->address().port, 443);
}

namespace {

struct environment {
  environment() { clear(); }
  ~environment() { clear(); }

  static void clear() {
    for (const auto* name :
         {"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"}) {
      ::unsetenv(name);
    }
  }

  static void set(const char* name, const char* value) { ::setenv(name, value, 1); }

  static std::string server_for(std::string_view target) {
    http_config config;
    config.proxy_from_environment = true;
    const auto made = proxy_settings::make(config);
    const auto* proxy = made ? made->server_for(*parse_target(target).url) : nullptr;
    return proxy ? proxy->address().text() : "";
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(environment_tests, environment)

CAF_TEST(the environment has a proxy for each scheme) {
  CAF_CHECK_EQUAL(server_for("http://a/"), "");
  set("HTTP_PROXY", "one:81");
  set("https_proxy", "https://two:82");
  CAF_CHECK_EQUAL(server_for("http://a/"), "http://one:81/");
  CAF_CHECK_EQUAL(server_for("https://a/"), "https://two:82/");
  set("http_proxy", "three:83");
  CAF_CHECK_EQUAL(server_for("http://a/"), "http://one:81/");
  set("HTTP_PROXY", "");
  CAF_CHECK_EQUAL(server_for("http://a/"), "http://three:83/");
  CAF_CHECK(!proxy_settings::make({})); // it is looked at only where it is to be
}

CAF_TEST(the environment says what needs no proxy) {
  set("HTTP_PROXY", "p:1");
  set("NO_PROXY", "inside.test, 10.0.0.0/8,.below.test,ported.test:81,192.0.2.1:82");
  for (const auto* near : {"http://inside.test/", "http://a.inside.test/", "http://10.1.1.1/",
                           "http://x.below.test/", "http://ported.test:81/", "http://192.0.2.1:82/",
                           "http://localhost/", "http://127.0.0.9/", "http://[::1]/"}) {
    CAF_CHECK_EQUAL(server_for(near), "");
  }
  for (const auto* far : {"http://other.test/", "http://ported.test/", "http://192.0.2.1/"}) {
    CAF_CHECK_EQUAL(server_for(far), "http://p:1/");
  }
  set("NO_PROXY", "*");
  CAF_CHECK_EQUAL(server_for("http://other.test/"), "");
}

CAF_TEST(a variable that is not a proxy is named) {
  set("HTTP_PROXY", "socks5://u:secret@p:1");
  try {
    server_for("http://a/");
    CAF_FAIL("taken");
  } catch (const std::runtime_error& wrong) {
    const std::string_view text = wrong.what();
    CAF_CHECK(text.starts_with("http.proxy_from_environment: $HTTP_PROXY: "));
    CAF_CHECK(text.find("secret") == std::string_view::npos);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace proxy_suite
