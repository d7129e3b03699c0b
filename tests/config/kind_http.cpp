#define CAF_SUITE kind_http

#include <algorithm>

#include "xprober/config/load.hpp"

#include "caf/test/unit_test.hpp"

namespace kind_http_suite {

using namespace xprober;
using namespace xprober::config;

namespace {

std::string problems_of(const std::string& keys) {
  return to_string(parse_agent("http: {" + keys + "}\n", "a.yaml").problems);
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST(every key of the request and of TLS is read) {
  const auto read = parse_agent(R"(
http:
  method: POST
  body: "a: b"
  basic_auth: {username: u, password: p}
  server_name: inner.example
  min_tls_version: TLS10
  max_tls_version: TLS12
  cert_file: /c
  key_file: /k
  proxy_url: http://u:p@proxy:3128/
  no_proxy: [.inside.example, 10.0.0.0/8, "::1", "*"]
  ip_protocol_fallback: false
)",
                                "a.yaml");
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  http_config expected;
  expected.method = "POST";
  expected.body = "a: b";
  expected.basic_auth = {"u", "p", ""};
  expected.server_name = "inner.example";
  expected.min_tls_version = tls_version::tls10;
  expected.max_tls_version = tls_version::tls12;
  expected.cert_file = "/c";
  expected.key_file = "/k";
  expected.proxy_url = "http://u:p@proxy:3128/";
  expected.no_proxy = {".inside.example", "10.0.0.0/8", "::1", "*"};
  expected.ip_protocol_fallback = false;
  CAF_CHECK(read.value.http == expected);
  const auto files = parse_agent("http: {method: PUT, body_file: /b, bearer_token_file: /t}", "a");
  CAF_CHECK(files.ok());
  CAF_CHECK_EQUAL(files.value.http.body_file, "/b");
  CAF_CHECK_EQUAL(files.value.http.bearer_token_file, "/t");
}

CAF_TEST(every demand on the response is read) {
  const auto read = parse_agent(R"(
http:
  valid_http_versions: HTTP/1.1
  fail_if_body_matches_regexp: ["(?i)error"]
  fail_if_body_not_matches_regexp: "ok"
  fail_if_header_matches: [{header: Server, regexp: ^old}]
  fail_if_header_not_matches:
    - {header: X-Mode, regexp: live, allow_missing: true}
  fail_if_ssl: yes
)",
                                "a.yaml");
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  http_config expected;
  expected.valid_http_versions = {"HTTP/1.1"};
  expected.fail_if_body_matches_regexp = {"(?i)error"};
  expected.fail_if_body_not_matches_regexp = {"ok"};
  expected.fail_if_header_matches = {{"Server", "^old", false}};
  expected.fail_if_header_not_matches = {{"X-Mode", "live", true}};
  expected.fail_if_ssl = true;
  CAF_CHECK(read.value.http == expected);
}

CAF_TEST(wrong values name their key and what is allowed) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"body: x", "http.body: is for a request with the method GET"},
      {"method: PUT, body: x, body_file: /b", "http.body_file: stands beside body"},
      {"basic_auth: {username: 'a:b'}", "http.basic_auth.username: holds a colon"},
      {"basic_auth: {username: a, password: b, password_file: /c}",
       "http.basic_auth.password_file: stands beside password"},
      {"basic_auth: {usernam: a}",
       "http.basic_auth.usernam: is not a known key; do you mean username?"},
      {"basic_auth: {username: a}, bearer_token_file: /t",
       "http.bearer_token_file: stands beside basic_auth"},
      {"server_name: 'a b'", "http.server_name: 'a b' is not a name"},
      {"min_tls_version: SSL3", "allowed is one of TLS10, TLS11, TLS12, TLS13"},
      {"max_tls_version: TLS11", "http.max_tls_version: leaves no version"},
      {"cert_file: /c", "http.cert_file: stands alone"},
      {"proxy_url: 'ftp://u:secret@p:1'", "http.proxy_url: is not a proxy: the scheme is ftp"},
      {"proxy_url: 'http://p:1', proxy_from_environment: true",
       "http.proxy_from_environment: stands beside proxy_url"},
      {"proxy_url: 'http://p/path'", "http.proxy_url: is not a proxy: it has a path"},
      {"proxy_url: 'http://u%0A:p@p:1'",
       "http.proxy_url: is not a proxy: the user or the password holds a control character"},
      {"proxy_url: 'p:1'", "http.proxy_url: is not a proxy: the scheme is missing"},
      {"proxy_url: 'http://[fe80::1]:1'",
       "http.proxy_url: is not a proxy: fe80::1 is a link-local"},
      {"no_proxy: ['a b']", "http.no_proxy: 'a b' is not allowed"},
      {"valid_http_versions: [HTTP/2]", "http.valid_http_versions: 'HTTP/2' is not allowed"},
      {"fail_if_body_matches_regexp: ['a(b']",
       "http.fail_if_body_matches_regexp: 'a(b' is not a regular expression: missing )"},
      {"fail_if_header_matches: [{header: A}]",
       "http.fail_if_header_matches[0].regexp: is missing"},
      {"fail_if_header_matches: [{header: 'A b', regexp: x}]", "'A b' is not the name of a header"},
      {"fail_if_header_matches: [x]", "http.fail_if_header_matches[0]: is a single value"},
      {"fail_if_header_matches: {header: A, regexp: x}",
       "http.fail_if_header_matches: is a section of keys; allowed is a list"},
      {"fail_if_ssl: true, fail_if_not_ssl: true", "http.fail_if_not_ssl: leaves nothing"},
  };
  for (const auto& [text, expected] : cases) {
    const auto found = problems_of(text);
    CAF_MESSAGE(found);
    CAF_CHECK(has(found, expected));
    CAF_CHECK(!has(found, "secret"));
    CAF_CHECK_EQUAL(std::count(found.begin(), found.end(), '\n'), 1);
  }
}

CAF_TEST(what a module says takes the place of what it inherits) {
  const auto read = parse_agent(R"(
http: {method: POST, body: x, basic_auth: {username: u, password: p}}
modules:
  get: {prober: http, http: {method: GET}}
  file: {prober: http, http: {body_file: /b, basic_auth: {password_file: /p}}}
  bearer: {prober: http, http: {bearer_token_file: /t}}
)",
                                "a.yaml");
  CAF_MESSAGE(to_string(read.problems));
  CAF_REQUIRE(read.ok());
  const auto& modules = read.value.modules;
  CAF_CHECK_EQUAL(modules.at("get").http.body, "");
  CAF_CHECK((modules.at("get").http.basic_auth == basic_auth_config{"u", "p", ""}));
  CAF_CHECK_EQUAL(modules.at("file").http.body, "");
  CAF_CHECK_EQUAL(modules.at("file").http.body_file, "/b");
  CAF_CHECK((modules.at("file").http.basic_auth == basic_auth_config{"u", "", "/p"}));
  CAF_CHECK((modules.at("bearer").http.basic_auth == basic_auth_config{}));
  CAF_CHECK_EQUAL(modules.at("bearer").http.bearer_token_file, "/t");
}

} // namespace kind_http_suite
