#define CAF_SUITE sign_in_routes

#include "xprober/web/sign_in_routes.hpp"

#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace sign_in_routes_suite {

using namespace xprober;
using net::http::verb;

namespace {

struct fixture {
  fixture() {
    log::set_level(log::level::off);
    web::add_sign_in_routes(routes, gate);
  }

  net::http_response call(verb method, const std::string& target, const std::string& body = {}) {
    boost::asio::io_context context;
    net::http_request request{method, target, 11};
    request.body() = body;
    auto answer =
        boost::asio::co_spawn(context, routes.handle(request, {}), boost::asio::use_future);
    context.run();
    return answer.get();
  }

  static std::string header(const net::http_response& answer, const char* name) {
    const auto value = answer[name];
    return {value.data(), value.size()};
  }

  std::shared_ptr<web::access_gate> gate =
      std::make_shared<web::access_gate>(net::access_settings{"operators-token", "", false});
  net::router routes;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(sign_in_routes_tests, fixture)

CAF_TEST(a script gets a cookie and its role) {
  const auto answer = call(verb::post, "/api/v1/sign-in", R"({"token": "operators-token"})");
  CAF_CHECK_EQUAL(answer.result_int(), 200u);
  CAF_CHECK_EQUAL(answer.body(), "{\"role\":\"operator\",\"expires_in_seconds\":43200}\n");
  CAF_CHECK(header(answer, "Set-Cookie").starts_with("xprober_session="));
  const auto wrong = call(verb::post, "/api/v1/sign-in", R"({"token": "x"})");
  CAF_CHECK_EQUAL(wrong.result_int(), 401u);
  CAF_CHECK_EQUAL(header(wrong, "WWW-Authenticate"), "Bearer realm=\"xprober\"");
  CAF_CHECK_EQUAL(header(wrong, "Set-Cookie"), "");
  for (const auto* bad : {"", "{", "[]", "{}", R"({"token": 5})"}) {
    CAF_CHECK_EQUAL(call(verb::post, "/api/v1/sign-in", bad).result_int(), 400u);
  }
}

CAF_TEST(a form leads on with a cookie) {
  const auto answer = call(verb::post, "/sign-in", "token=operators%2Dtoken&to=%2Fa%3Fb");
  CAF_CHECK_EQUAL(answer.result_int(), 303u);
  CAF_CHECK_EQUAL(header(answer, "Location"), "/a?b");
  CAF_CHECK(!header(answer, "Set-Cookie").empty());
  const auto wrong = call(verb::post, "/sign-in", "token=x&to=//attacker.example");
  CAF_CHECK_EQUAL(wrong.result_int(), 401u);
  CAF_CHECK(wrong.body().find("attacker") == std::string::npos);
  CAF_CHECK_EQUAL(call(verb::get, "/sign-in").result_int(), 200u);
}

CAF_TEST(a long body is not read) {
  const std::string blanks(10'000, ' ');
  CAF_CHECK_EQUAL(call(verb::post, "/sign-in", "token=operators-token&to=" + blanks).result_int(),
                  413u);
  CAF_CHECK_EQUAL(
      call(verb::post, "/api/v1/sign-in", blanks + R"({"token": "operators-token"})").result_int(),
      413u);
}

CAF_TEST(guesses are told to wait) {
  for (std::uint32_t i = 0; i < net::attempt_limit::each_minute; ++i) {
    call(verb::post, "/sign-in", "token=x");
  }
  const auto form = call(verb::post, "/sign-in", "token=operators-token");
  CAF_CHECK_EQUAL(form.result_int(), 429u);
  CAF_CHECK_EQUAL(header(form, "Retry-After"), "60");
  CAF_CHECK_EQUAL(
      call(verb::post, "/api/v1/sign-in", R"({"token": "operators-token"})").result_int(), 429u);
}

CAF_TEST(who signs out is led back) {
  CAF_CHECK_EQUAL(call(verb::post, "/api/v1/sign-out").result_int(), 204u);
  const auto answer = call(verb::post, "/sign-out");
  CAF_CHECK_EQUAL(header(answer, "Location"), "/sign-in");
  CAF_CHECK(header(answer, "Set-Cookie").find("Max-Age=0") != std::string::npos);
}

CAF_TEST(where there is no token nobody signs in) {
  gate->use({});
  CAF_CHECK_EQUAL(call(verb::post, "/api/v1/sign-in", "{}").result_int(), 404u);
  CAF_CHECK_EQUAL(header(call(verb::get, "/sign-in?to=/x"), "Location"), "/x");
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace sign_in_routes_suite
