#define CAF_SUITE response_checks

#include "xprober/probes/http/response_checks.hpp"

#include <stdexcept>

#include "caf/test/unit_test.hpp"

namespace response_checks_suite {

using namespace xprober;
using namespace xprober::http;

namespace {

using fields = std::vector<std::pair<std::string, std::string>>;

struct answer {
  std::uint16_t status = 200;
  std::uint8_t version = 11;
  bool tls = false;
  fields header = {};
  std::string body = {};
};

probe_error judged(const http_config& config, const answer& a = {}) {
  const response_checks checks{config};
  const auto wrong = checks.judge({a.status, a.version, a.tls, a.header, a.body});
  CAF_CHECK(!wrong || !wrong->detail.empty());
  return wrong ? wrong->error : probe_error::none;
}

} // namespace

CAF_TEST(by default a status of 2xx is enough) {
  const response_checks checks{{}};
  CAF_CHECK(!checks.need_body());
  CAF_CHECK(!checks.need_fields());
  CAF_CHECK_EQUAL(judged({}), probe_error::none);
  CAF_CHECK_EQUAL(judged({}, {.status = 404}), probe_error::bad_status);
}

CAF_TEST(versions of HTTP) {
  http_config config;
  config.valid_http_versions = {"HTTP/1.1"};
  CAF_CHECK_EQUAL(judged(config), probe_error::none);
  CAF_CHECK_EQUAL(judged(config, {.version = 10}), probe_error::bad_http_version);
}

CAF_TEST(a byte that is no UTF - 8 is one character) {
  const auto matches = [](const std::string& body, const std::string& expression) {
    http_config config;
    config.fail_if_body_not_matches_regexp = {expression};
    config.fail_if_header_not_matches = {{"X", expression, false}};
    const auto of_body = judged(config, {.header = {{"X", body}}, .body = body});
    return of_body == probe_error::none;
  };
  CAF_CHECK(matches("<title>Caf\xE9 error</title>", "Caf.* error"));
  CAF_CHECK(matches("Caf\xE9", "^Caf.$"));
  CAF_CHECK(matches("Caf\xC3\xA9", "^Caf.$"));
  CAF_CHECK(matches("\xC3\xA9\xFF\xE2\x82\xAC", "^\xC3\xA9.\xE2\x82\xAC$"));
  CAF_CHECK(matches("a\xE2\x82", "^a..$"));
  CAF_CHECK(matches("\xED\xA0\x80", "^...$"));
  CAF_CHECK(matches("\xC0\xAF", "^[^a-z]{2}$"));
  CAF_CHECK(!matches("Caf\xE9", "^Caf$"));
}

CAF_TEST(TLS can be demanded and forbidden) {
  http_config config;
  config.fail_if_ssl = true;
  CAF_CHECK_EQUAL(judged(config), probe_error::none);
  CAF_CHECK_EQUAL(judged(config, {.tls = true}), probe_error::tls_unwanted);
  config.fail_if_ssl = false;
  config.fail_if_not_ssl = true;
  CAF_CHECK_EQUAL(judged(config), probe_error::tls_missing);
  CAF_CHECK_EQUAL(judged(config, {.tls = true}), probe_error::none);
}

CAF_TEST(bodies) {
  http_config config;
  config.fail_if_body_matches_regexp = {"(?i)error", "^oops"};
  config.fail_if_body_not_matches_regexp = {"ok", "v[0-9]+"};
  CAF_CHECK(response_checks{config}.need_body());
  CAF_CHECK_EQUAL(judged(config, {.body = "it is ok, v12"}), probe_error::none);
  CAF_CHECK_EQUAL(judged(config, {.body = "it is ok, v12 ERROR"}), probe_error::bad_body);
  CAF_CHECK_EQUAL(judged(config, {.body = "it is ok"}), probe_error::bad_body);
  CAF_CHECK_EQUAL(judged(config, {.body = ""}), probe_error::bad_body);
  CAF_CHECK_EQUAL(judged(config, {.status = 500, .body = ""}), probe_error::bad_status);
}

CAF_TEST(headers) {
  http_config config;
  config.fail_if_header_matches = {{"Server", "^old", true}};
  config.fail_if_header_not_matches = {{"X-Mode", "^(live|test)$", false}};
  CAF_CHECK(response_checks{config}.need_fields());
  CAF_CHECK_EQUAL(judged(config, {.header = {{"x-mode", "live"}}}), probe_error::none);
  CAF_CHECK_EQUAL(judged(config, {.header = {{"X-Mode", "off"}}}), probe_error::bad_header);
  CAF_CHECK_EQUAL(judged(config, {.header = {{"X-Mode", "off"}, {"X-Mode", "test"}}}),
                  probe_error::none);
  CAF_CHECK_EQUAL(judged(config), probe_error::bad_header);
  CAF_CHECK_EQUAL(
      judged(config, {.header = {{"X-Mode", "live"}, {"Server", "new"}, {"Server", "old/1"}}}),
      probe_error::bad_header);
  config.fail_if_header_matches[0].allow_missing = false;
  CAF_CHECK_EQUAL(judged(config, {.header = {{"X-Mode", "live"}}}), probe_error::bad_header);
}

CAF_TEST(an expression that cannot be read is named with its key) {
  http_config config;
  config.fail_if_body_not_matches_regexp = {"a(b"};
  try {
    const response_checks checks{config};
    CAF_FAIL("a broken expression was taken");
  } catch (const std::runtime_error& wrong) {
    CAF_CHECK(std::string_view{wrong.what()}.starts_with(
        "http.fail_if_body_not_matches_regexp: 'a(b' is not a regular expression"));
  }
}

} // namespace response_checks_suite
