#define CAF_SUITE proxy

#include "xprober/probes/http/proxy.hpp"

#include <stdexcept>

#include "caf/test/unit_test.hpp"

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
  return proxy.is_for(*parse_target(target).url);
}

} // namespace

CAF_TEST(without a url there is no proxy) {
  CAF_CHECK(!proxy_settings::make({}));
  CAF_CHECK(!proxy_settings::make(with("", {"a"})));
}

CAF_TEST(names blocks and addresses are reached without it) {
  const auto proxy = proxy_settings::make(
      with("http://p:3128", {"Inside.Test", ".below.test", "*.star.test", "10.0.0.0/8", "::1"}));
  for (const auto* near : {"inside.test", "http://a.b.inside.test/", "inside.test.", "below.test",
                           "x.below.test", "x.star.test", "http://10.9.8.7:81/", "http://[::1]/"}) {
    CAF_CHECK(!is_for(*proxy, near));
  }
  for (const auto* far : {"other.test", "xinside.test", "inside.test.com", "http://11.0.0.1/",
                          "http://[::2]/", "https://a/"}) {
    CAF_CHECK(is_for(*proxy, far));
  }
  CAF_CHECK(!is_for(*proxy_settings::make(with("http://p:3128", {"*"})), "http://any/"));
}

CAF_TEST(a tunnel is asked for by host and port) {
  const auto proxy = proxy_settings::make(with("http://Aladdin:open%20sesame@p:3128/"));
  CAF_CHECK_EQUAL(proxy->address().port, 3128);
  CAF_CHECK_EQUAL(proxy->address().text(), "http://p:3128/");
  CAF_CHECK_EQUAL(proxy->connect_request(*parse_target("https://[::1]/x").url, "me"),
                  "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\nUser-Agent: me\r\n"
                  "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
}

CAF_TEST(what is no proxy is refused without its password) {
  for (const auto* url : {"https://u:secret@p:1", "ftp://u:secret@p", "http://u:secret@p:0"}) {
    try {
      proxy_settings::make(with(url));
      CAF_FAIL("taken: " << url);
    } catch (const std::runtime_error& wrong) {
      CAF_CHECK(std::string_view{wrong.what()}.starts_with("http.proxy_url: "));
      CAF_CHECK(std::string_view{wrong.what()}.find("secret") == std::string_view::npos);
    }
  }
}
