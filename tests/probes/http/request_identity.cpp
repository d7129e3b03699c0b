#define CAF_SUITE request_identity

#include "xprober/probes/http/request_identity.hpp"

#include "caf/test/unit_test.hpp"

namespace request_identity_suite {

using namespace xprober;
using namespace xprober::http;

namespace {

http_url url(std::string_view text) { return *parse_target(text).url; }

} // namespace

CAF_TEST(TLS asks for the host unless something else is configured) {
  http_config config;
  CAF_CHECK_EQUAL(request_identity{config}.tls_name(url("https://a.test/"), url("https://a.test/")),
                  "");
  config.headers = {{"host", "virtual.test:8443"}};
  const request_identity who{config};
  CAF_CHECK_EQUAL(who.tls_name(url("https://a.test/"), url("https://a.test/")), "virtual.test");
  CAF_CHECK_EQUAL(who.tls_name(url("https://b.test/"), url("https://a.test/")), "");
  CAF_CHECK_EQUAL(who.tls_name(url("https://a.test:444/"), url("https://a.test/")), "");
  config.server_name = "named.test";
  CAF_CHECK_EQUAL(who.tls_name(url("https://a.test:444/"), url("https://a.test/")), "named.test");
}

CAF_TEST(whom the Host header names where it is sent) {
  http_config config;
  const auto first = url("http://10.0.0.1/");
  CAF_CHECK_EQUAL(request_identity{config}.host_named(first, first), "");
  config.headers = {{"host", "Shop.test:8443"}};
  const request_identity who{config};
  CAF_CHECK_EQUAL(who.host_named(first, first), "shop.test");
  CAF_CHECK_EQUAL(who.host_named(url("http://10.0.0.1/other"), first), "shop.test");
  CAF_CHECK_EQUAL(who.host_named(url("http://10.0.0.2/"), first), "");
}

CAF_TEST(a host that is asked for stands in for the configured one) {
  http_config config;
  config.headers = {{"HOST", "configured.test"}, {"X-Other", "1"}};
  request_identity who{config};
  who.ask_for("wished.test");
  CAF_CHECK(
      (who.headers() == request_identity::header_map{{"Host", "wished.test"}, {"X-Other", "1"}}));
  CAF_CHECK_EQUAL(config.headers.size(), 2u);
}

} // namespace request_identity_suite
