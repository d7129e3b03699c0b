#define CAF_SUITE router

#include "xprober/net/router.hpp"

#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "net/thrown.hpp"

#include "caf/test/unit_test.hpp"

namespace router_suite {

using namespace xprober;
using namespace xprober::net;

namespace {

http_handler say(std::string text) {
  return [text](const http_request&, request_context context) -> asio::awaitable<http_response> {
    std::string body = text;
    for (const auto& [name, value] : context.params) {
      body += " " + name + "=" + value;
    }
    co_return text_response(http::status::ok, body);
  };
}

http_response call(const router& routes, http::verb method, const std::string& target) {
  asio::io_context context;
  const http_request request{method, target, 11};
  auto answer = asio::co_spawn(context, routes.handle(request, {}), asio::use_future);
  context.run();
  return answer.get();
}

std::string get(const router& routes, const std::string& target) {
  return call(routes, http::verb::get, target).body();
}

router sample() {
  router routes;
  routes.get("/", say("index"));
  routes.get("/targets", say("list"));
  routes.get("/targets/{uid}", say("one"));
  routes.post("/-/reload", say("reload"));
  routes.get("/static/{file...}", say("file"));
  return routes;
}

} // namespace

CAF_TEST(exact_paths_and_variables_match) {
  const auto routes = sample();
  CAF_CHECK_EQUAL(get(routes, "/"), "index");
  CAF_CHECK_EQUAL(get(routes, "/targets?limit=2"), "list");
  CAF_CHECK_EQUAL(get(routes, "/targets/00ff"), "one uid=00ff");
  CAF_CHECK_EQUAL(get(routes, "/targets/a%2Fb"), "one uid=a/b");
  CAF_CHECK_EQUAL(get(routes, "/static/a/b.js"), "file file=a/b.js");
  CAF_CHECK_EQUAL(get(routes, "/static/"), "file file=");
  const auto reload = call(routes, http::verb::post, "/-/reload");
  CAF_CHECK_EQUAL(reload.body(), "reload");
}

CAF_TEST(unknown_paths_are_404) {
  const auto routes = sample();
  for (const auto* path : {"/nope", "/targets/", "/targets/a/b", "/targetsx", "/static", "//"}) {
    CAF_MESSAGE(path);
    CAF_CHECK_EQUAL(call(routes, http::verb::get, path).result_int(), 404u);
  }
  CAF_CHECK_EQUAL(call(routes, http::verb::get, "*").result_int(), 400u);
}

CAF_TEST(unknown_paths_can_be_explained) {
  auto routes = sample();
  routes.explain("/rpc/", "that is elsewhere");
  CAF_CHECK_EQUAL(get(routes, "/rpc/X"),
                  "{\"error\": \"no such path: /rpc/X; that is elsewhere\"}\n");
  CAF_CHECK_EQUAL(get(routes, "/rpcs"), "{\"error\": \"no such path: /rpcs\"}\n");
  CAF_CHECK_EQUAL(get(routes, "/targets"), "list");
}

CAF_TEST(a slash too many is told) {
  auto routes = sample();
  routes.explain("/", "that is all");
  CAF_CHECK_EQUAL(get(routes, "/targets/"),
                  "{\"error\": \"no such path: /targets/; there is /targets\"}\n");
  CAF_CHECK_EQUAL(get(routes, "/targets/00ff/"),
                  "{\"error\": \"no such path: /targets/00ff/; there is /targets/00ff\"}\n");
  CAF_CHECK_EQUAL(get(routes, "//"), "{\"error\": \"no such path: //; there is /\"}\n");
  CAF_CHECK_EQUAL(get(routes, "/nope/"), "{\"error\": \"no such path: /nope/; that is all\"}\n");
}

CAF_TEST(other_methods_are_405_and_name_the_allowed_ones) {
  const auto routes = sample();
  const auto wrong = call(routes, http::verb::post, "/targets");
  CAF_CHECK_EQUAL(wrong.result_int(), 405u);
  CAF_CHECK_EQUAL(std::string{wrong[http::field::allow]}, "GET, HEAD, OPTIONS");
  const auto reload = call(routes, http::verb::get, "/-/reload");
  CAF_CHECK_EQUAL(reload.result_int(), 405u);
  CAF_CHECK_EQUAL(std::string{reload[http::field::allow]}, "POST, OPTIONS");
  CAF_CHECK_EQUAL(call(routes, http::verb::head, "/-/reload").result_int(), 405u);
}

CAF_TEST(head_and_options_follow_get) {
  const auto routes = sample();
  CAF_CHECK_EQUAL(call(routes, http::verb::head, "/targets").result_int(), 200u);
  const auto options = call(routes, http::verb::options, "/targets");
  CAF_CHECK_EQUAL(options.result_int(), 204u);
  CAF_CHECK_EQUAL(std::string{options[http::field::allow]}, "GET, HEAD, OPTIONS");
}

CAF_TEST(a_head_is_judged_as_the_request_would_be) {
  const auto routes = sample();
  const auto judged = [&](http::verb method, const std::string& target) {
    const auto answer = routes.judge(http_request{method, target, 11}, {});
    return answer ? answer->result_int() : 0U;
  };
  CAF_CHECK_EQUAL(judged(http::verb::post, "/-/reload"), 0u);
  CAF_CHECK_EQUAL(judged(http::verb::get, "/targets/00ff"), 0u);
  CAF_CHECK_EQUAL(judged(http::verb::post, "/nope"), 404u);
  CAF_CHECK_EQUAL(judged(http::verb::post, "/targets"), 405u);
  CAF_CHECK_EQUAL(judged(http::verb::get, "*"), 400u);
}

CAF_TEST(a_pattern_without_a_slash_is_refused) {
  router routes;
  const auto text = test::thrown<std::invalid_argument>([&] { routes.get("targets", say("x")); });
  CAF_CHECK(text.find("targets") != std::string::npos);
}

} // namespace router_suite
