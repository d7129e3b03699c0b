#define CAF_SUITE http_types

#include "xprober/net/http_types.hpp"

#include "caf/test/unit_test.hpp"

namespace http_types_suite {

using namespace xprober::net;

CAF_TEST(query_strings_are_split_and_decoded) {
  const query_params query{"state=failing&limit=20&name=a%26b&flag&&x=1&x=2&empty="};
  CAF_CHECK_EQUAL(query.get_or("state", ""), "failing");
  CAF_CHECK_EQUAL(query.get_or("name", ""), "a&b");
  CAF_CHECK_EQUAL(query.get_or("x", ""), "1");
  CAF_CHECK(query.get("flag").has_value());
  CAF_CHECK_EQUAL(query.get("empty").value_or("none"), "");
  CAF_CHECK(!query.get("missing").has_value());
  CAF_CHECK_EQUAL(query.get_or("missing", "fallback"), "fallback");
  CAF_CHECK_EQUAL(query.get_number("limit").value_or(0), 20u);
  CAF_CHECK(!query.get_number("state").has_value());
  CAF_CHECK(!query_params{"n=-1"}.get_number("n").has_value());
  CAF_CHECK(!query_params{"n=99999999999999999999"}.get_number("n").has_value());
  CAF_CHECK(query_params{""}.all().empty());
  CAF_CHECK_EQUAL(query.given_again(), "x");
  const query_params once{"a=1&b=1"};
  CAF_CHECK_EQUAL(once.given_again(), "");
}

CAF_TEST(targets_are_split_into_path_and_query) {
  request_context context;
  CAF_REQUIRE(split_target("/a%20b?x=1", context));
  CAF_CHECK_EQUAL(context.path, "/a b");
  CAF_CHECK_EQUAL(context.query.get_or("x", ""), "1");
  CAF_CHECK(!split_target("http://other/", context));
  CAF_CHECK(!split_target("", context));
}

CAF_TEST(json_quoting_escapes_and_repairs) {
  CAF_CHECK_EQUAL(json_quote("a\"b\\c\n\x01"), "\"a\\\"b\\\\c\\n\\u0001\"");
  CAF_CHECK_EQUAL(json_quote("gr\xc3\xbc\xc3\x9f \xe4\xb8\xad \xf0\x9f\x98\x80"),
                  "\"gr\xc3\xbc\xc3\x9f \xe4\xb8\xad \xf0\x9f\x98\x80\"");
  // A lone byte, an overlong form, a surrogate, a cut sequence.
  CAF_CHECK_EQUAL(json_quote("\xff"), "\"\xef\xbf\xbd\"");
  CAF_CHECK_EQUAL(json_quote("\xc0\xaf"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
  CAF_CHECK_EQUAL(json_quote("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
  CAF_CHECK_EQUAL(json_quote("a\xe4\xb8"), "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
}

CAF_TEST(error_responses_are_json) {
  const auto response = error_response(http::status::bad_request, "no \"x\"");
  CAF_CHECK_EQUAL(response.result_int(), 400u);
  CAF_CHECK_EQUAL(response.body(), "{\"error\": \"no \\\"x\\\"\"}\n");
  CAF_CHECK_EQUAL(std::string{response[http::field::content_type]}, "application/json");
}

} // namespace http_types_suite
