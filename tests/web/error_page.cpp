#define CAF_SUITE error_page

#include "xprober/web/error_page.hpp"

#include <string>

#include "caf/test/unit_test.hpp"

namespace error_page_suite {

using namespace xprober;
using net::http::verb;

namespace {

constexpr const char* browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

net::http_response shown(verb method, const std::string& target, const char* accept,
                         net::http_response answer) {
  net::http_request head{method, target, 11};
  head.set(net::http::field::accept, accept);
  web::show_error(head, answer);
  return answer;
}

net::http_response no_such_path() {
  return net::error_response(net::http::status::not_found, "no such path: /<nope>");
}

std::string header(const net::http_response& answer, const char* name) {
  const auto value = answer[name];
  return {value.data(), value.size()};
}

bool is_page(const net::http_response& answer) {
  return header(answer, "Content-Type") == "text/html; charset=utf-8" &&
         answer.body().starts_with("<!DOCTYPE html>");
}

} // namespace

CAF_TEST(a browser is shown a page with the same sentence and a way out) {
  const auto answer = shown(verb::get, "/%3Cnope%3E", browser, no_such_path());
  CAF_CHECK_EQUAL(answer.result_int(), 404u);
  CAF_CHECK(is_page(answer));
  CAF_CHECK(answer.body().find("No such path: /&lt;nope&gt;. (404)") != std::string::npos);
  CAF_CHECK(answer.body().find("<a href=\"/\">") != std::string::npos);
  CAF_CHECK_EQUAL(answer.body().find("<script"), std::string::npos);
  const auto policy = header(answer, "Content-Security-Policy");
  CAF_CHECK(policy.starts_with("default-src 'none'; style-src 'sha256-"));
  CAF_CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
  CAF_CHECK_EQUAL(header(answer, "Referrer-Policy"), "no-referrer");
  CAF_CHECK(is_page(shown(verb::head, "/nope", browser, no_such_path())));
}

CAF_TEST(who reads answers gets JSON) {
  for (const auto& answer : {shown(verb::get, "/nope", "*/*", no_such_path()),
                             shown(verb::get, "/nope", "application/json", no_such_path()),
                             shown(verb::get, "/api/v1/nope", browser, no_such_path()),
                             shown(verb::post, "/nope", browser, no_such_path())}) {
    CAF_CHECK_EQUAL(header(answer, "Content-Type"), "application/json");
    CAF_CHECK_EQUAL(answer.body(), "{\"error\": \"no such path: /<nope>\"}\n");
  }
}

CAF_TEST(what is no error stays as it is) {
  const auto answer =
      shown(verb::get, "/stats", browser, net::json_response(net::http::status::ok, "{}"));
  CAF_CHECK_EQUAL(answer.body(), "{}");
  CAF_CHECK_EQUAL(header(answer, "Referrer-Policy"), "");
}

CAF_TEST(a page that leads nowhere has no link) {
  CAF_CHECK_EQUAL(
      web::error_page(421, "this program is not known by the name x", false).find("<a "),
      std::string::npos);
}

} // namespace error_page_suite
