#define CAF_SUITE redirect

#include "xprober/probes/http/redirect.hpp"

#include "caf/test/unit_test.hpp"

namespace redirect_suite {

using namespace xprober;
using namespace xprober::http;
using action = redirect_decision::action;

namespace {

const auto asked = *parse_target("http://a.test/dir/page").url;

redirect_decision decide(std::uint16_t status, std::optional<std::string> location = "next",
                         std::string method = "GET", std::uint32_t followed = 0) {
  return decide_redirect({status, std::move(location)}, http_config{}, asked, method, followed);
}

} // namespace

CAF_TEST(five statuses are redirects) {
  for (std::uint16_t status = 100; status < 600; ++status) {
    const bool expected =
        status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    CAF_REQUIRE_EQUAL(is_redirect(status), expected);
    CAF_REQUIRE_EQUAL(decide(status).what == action::follow, expected);
  }
}

CAF_TEST(a redirect to nowhere is the answer where it is wanted) {
  http_config config;
  CAF_CHECK(decide_redirect({301, std::nullopt}, config, asked, "GET", 0).what == action::fail);
  config.valid_status_codes = {301};
  CAF_CHECK(decide_redirect({301, std::nullopt}, config, asked, "GET", 0).what == action::judge);
  CAF_CHECK(decide_redirect({302, std::nullopt}, config, asked, "GET", 0).what == action::fail);
  CAF_CHECK(decide_redirect({301, "next"}, config, asked, "GET", 0).what == action::follow);
}

CAF_TEST(locations are relative to the page) {
  CAF_CHECK_EQUAL(decide(302).next.text(), "http://a.test/dir/next");
  CAF_CHECK_EQUAL(decide(302, "https://b.test").next.text(), "https://b.test/");
}

CAF_TEST(methods change as clients do it) {
  CAF_CHECK_EQUAL(decide(301, "x", "POST").method, "GET");
  CAF_CHECK_EQUAL(decide(302, "x", "POST").method, "GET");
  CAF_CHECK_EQUAL(decide(303, "x", "POST").method, "GET");
  CAF_CHECK_EQUAL(decide(303, "x", "PUT").method, "GET");
  CAF_CHECK_EQUAL(decide(302, "x", "PUT").method, "PUT");
  CAF_CHECK_EQUAL(decide(307, "x", "POST").method, "POST");
  CAF_CHECK_EQUAL(decide(308, "x", "POST").method, "POST");
  CAF_CHECK_EQUAL(decide(303, "x", "HEAD").method, "HEAD");
}

CAF_TEST(a redirect to nowhere is a bad one) {
  CAF_CHECK_EQUAL(decide(302, std::nullopt).error, probe_error::bad_redirect);
  CAF_CHECK_EQUAL(decide(302, "").error, probe_error::bad_redirect);
  CAF_CHECK_EQUAL(decide(302, "ftp://x/").error, probe_error::bad_redirect);
  CAF_CHECK(decide(302, "ftp://x/").what == action::fail);
}

CAF_TEST(redirects are bounded) {
  CAF_CHECK(decide(302, "x", "GET", 9).what == action::follow);
  CAF_CHECK_EQUAL(decide(302, "x", "GET", 10).error, probe_error::too_many_redirects);
}

CAF_TEST(a redirect is judged itself where none is followed) {
  http_config config;
  config.follow_redirects = false;
  CAF_CHECK(decide_redirect({302, "x"}, config, asked, "GET", 0).what == action::judge);
}

} // namespace redirect_suite
