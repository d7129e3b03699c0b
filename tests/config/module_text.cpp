#define CAF_SUITE module_text

#include "xprober/config/module_text.hpp"

#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace module_text_suite {

using namespace xprober;

namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

} // namespace

CAF_TEST(an icmp module has its own section alone) {
  module_config module;
  module.prober = &kinds::icmp();
  module.icmp.count = 3;
  module.icmp.mode = icmp_mode::fixed;
  const auto text = config::module_text(module);
  CAF_CHECK(text.starts_with("prober: icmp\nicmp:\n  count: 3\n"));
  CAF_CHECK(has_line(text, "  timeout: 1000ms"));
  CAF_CHECK(has_line(text, "  mode: fixed"));
  CAF_CHECK(text.find("http:") == std::string::npos);
}

CAF_TEST(lists and maps are written so that YAML reads them) {
  module_config module{kinds::http(), {}};
  module.http.headers = {{"X-A", "1"}, {"X-B", "say \"b\""}};
  module.http.valid_status_codes = {200, 404};
  module.http.fail_if_body_matches_regexp = {"a|b", "c\\d"};
  module.http.fail_if_header_matches = {{"Set-Cookie", "^a=", true}};
  const auto text = config::module_text(module);
  CAF_CHECK(has_line(text, R"(  headers: {"X-A": "1", "X-B": "say \"b\""})"));
  CAF_CHECK(has_line(text, "  valid_status_codes: [200, 404]"));
  CAF_CHECK(has_line(text, R"(  fail_if_body_matches_regexp: ["a|b", "c\\d"])"));
  CAF_CHECK(has_line(
      text,
      R"(  fail_if_header_matches: [{header: "Set-Cookie", regexp: "^a=", allow_missing: true}])"));
  CAF_CHECK(has_line(text, "  valid_http_versions: []"));
  CAF_CHECK(has_line(text, "  min_tls_version: TLS12"));
}

CAF_TEST(a kind without settings has its name alone) {
  const probe_kind toy{"toy", target_form::name, result_group::address, false, true, 0, {}};
  CAF_CHECK_EQUAL(config::module_text({toy, {}}), "prober: toy\n");
}

CAF_TEST(secrets stay where they are) {
  module_config module{kinds::http(), {}};
  module.http.headers = {{"AUTHORIZATION", "Token sesame"}, {"Cookie", "session=sesame"}};
  module.http.basic_auth = {"user", "sesame", ""};
  module.http.proxy_url = "http://me:sesame@proxy.test:3128";
  module.http.body = "password=sesame";
  const auto text = config::module_text(module);
  CAF_CHECK(text.find("sesame") == std::string::npos);
  CAF_CHECK(has_line(text, R"(  headers: {"AUTHORIZATION": <secret>, "Cookie": <secret>})"));
  CAF_CHECK(
      has_line(text, R"(  basic_auth: {username: "user", password: <secret>, password_file: ""})"));
  CAF_CHECK(has_line(text, R"(  proxy_url: "http://proxy.test:3128")"));
  CAF_CHECK(has_line(text, "  body: <secret>"));
}

} // namespace module_text_suite
