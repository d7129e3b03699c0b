#define CAF_SUITE access_gate

#include "xprober/web/access_gate.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "xprober/base/log.hpp"

#include "caf/test/dsl.hpp"

namespace access_gate_suite {

using namespace xprober;
using net::http::verb;
using web::access_gate;

namespace {

using header_list = std::vector<std::pair<const char*, std::string>>;

struct fixture {
  fixture() {
    log::set_level(log::level::off);
    gate.name_cookie(6002);
    context.peer = "192.0.2.1:50000";
  }

  /// The status of the answer; 0 where the request is let in.
  unsigned status(verb method, const std::string& path, const header_list& headers = {},
                  bool sends = false) {
    net::http_request head{method, path, 11};
    for (const auto& [name, value] : headers) {
      head.set(name, value);
    }
    auto asked = context;
    asked.path = path;
    answer = gate.judge(head, asked, sends);
    return answer ? answer->result_int() : 0U;
  }

  std::string header(const char* name) const {
    const auto value = (*answer)[name];
    return {value.data(), value.size()};
  }

  /// "NAME=VALUE" of the cookie that signing in gives; empty where it gives none.
  std::string sign_in(const std::string& token) {
    const auto result = gate.sign_in(token, context);
    return result.cookie.substr(0, result.cookie.find(';'));
  }

  access_gate gate{{"the-operators-token", "the-readers-token", true}};
  net::request_context context;
  std::optional<net::http_response> answer;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(access_gate_tests, fixture)

CAF_TEST(health is everybodys and the rest is not) {
  CAF_CHECK_EQUAL(status(verb::get, "/-/healthy"), 0u);
  CAF_CHECK_EQUAL(status(verb::get, "/-/ready"), 0u);
  CAF_CHECK_EQUAL(status(verb::get, "/metrics"), 401u);
  CAF_CHECK_EQUAL(header("WWW-Authenticate"), "Bearer realm=\"xprober\"");
  CAF_CHECK_EQUAL(header("Content-Type"), "application/json");
  CAF_CHECK_EQUAL(status(verb::post, "/-/reload"), 401u);
  CAF_CHECK_EQUAL(status(verb::get, "/nothing/there"), 401u);
}

CAF_TEST(what is published is everybodys to look at and nothing else) {
  CAF_CHECK_EQUAL(status(verb::get, "/status"), 401u);
  gate.publish([](const net::request_context& asked) {
    return asked.path == "/status" || asked.path.starts_with("/assets/");
  });
  CAF_CHECK_EQUAL(status(verb::get, "/status"), 0u);
  CAF_CHECK_EQUAL(status(verb::head, "/assets/page.js"), 0u);
  CAF_CHECK_EQUAL(status(verb::post, "/status"), 401u);
  CAF_CHECK_EQUAL(status(verb::get, "/status", {}, true), 401u);
  CAF_CHECK_EQUAL(status(verb::get, "/status/more"), 401u);
  CAF_CHECK_EQUAL(status(verb::get, "/metrics"), 401u);
  gate.publish(nullptr);
  CAF_CHECK_EQUAL(status(verb::get, "/assets/page.js"), 401u);
}

CAF_TEST(tokens let in for what they are for) {
  const header_list reader{{"Authorization", "Bearer the-readers-token"}};
  const header_list operating{{"Authorization", "bearer the-operators-token"}};
  CAF_CHECK_EQUAL(status(verb::get, "/metrics", reader), 0u);
  CAF_CHECK_EQUAL(status(verb::post, "/-/reload", reader), 403u);
  CAF_CHECK_EQUAL(status(verb::get, "/probe", reader, true), 403u);
  CAF_CHECK_EQUAL(status(verb::get, "/metrics", operating), 0u);
  CAF_CHECK_EQUAL(status(verb::post, "/-/reload", operating), 0u);
  CAF_CHECK_EQUAL(status(verb::get, "/probe", operating, true), 0u);
  CAF_CHECK_EQUAL(status(verb::get, "/metrics", {{"Authorization", "Bearer wrong"}}), 401u);
  CAF_CHECK(header("WWW-Authenticate").find("invalid_token") != std::string::npos);
  CAF_CHECK_EQUAL(status(verb::get, "/metrics", {{"Authorization", "Basic abc"}}), 401u);
}

CAF_TEST(a verified certificate is an operators) {
  context.client_verified = true;
  CAF_CHECK_EQUAL(status(verb::post, "/-/reload"), 0u);
  gate.use({"the-operators-token", "the-readers-token", false});
  CAF_CHECK_EQUAL(status(verb::post, "/-/reload"), 401u);
}

CAF_TEST(a session has the role of its token and ends with it) {
  CAF_CHECK_EQUAL(sign_in("wrong"), "");
  const auto reader = sign_in("the-readers-token");
  const auto operating = sign_in(" the-operators-token\t");
  CAF_CHECK(reader.starts_with("xprober_session_6002="));
  CAF_CHECK_EQUAL(status(verb::get, "/metrics", {{"Cookie", "a=b; " + reader + "; c=d"}}), 0u);
  CAF_CHECK_EQUAL(status(verb::post, "/-/reload", {{"Cookie", reader}}), 403u);
  CAF_CHECK_EQUAL(status(verb::post, "/-/reload", {{"Cookie", operating}}), 0u);
  CAF_CHECK_EQUAL(status(verb::get, "/metrics", {{"Cookie", reader + "x"}}), 401u);
  CAF_MESSAGE("a wrong token is not made right by a session");
  CAF_CHECK_EQUAL(status(verb::get, "/", {{"Cookie", reader}, {"Authorization", "Bearer wrong"}}),
                  401u);
  CAF_MESSAGE("another token for operators leaves readers signed in");
  gate.use({"another-operators-token", "the-readers-token", false});
  CAF_CHECK_EQUAL(status(verb::get, "/metrics", {{"Cookie", reader}}), 0u);
  CAF_CHECK_EQUAL(status(verb::get, "/metrics", {{"Cookie", operating}}), 401u);
  CAF_MESSAGE("who signs out is out");
  net::http_request request{verb::post, "/sign-out", 11};
  request.set("Cookie", reader);
  CAF_CHECK(gate.sign_out(request).find("Max-Age=0") != std::string::npos);
  CAF_CHECK_EQUAL(status(verb::get, "/metrics", {{"Cookie", reader}}), 401u);
}

CAF_TEST(the cookie is for no script and no other site) {
  auto cookie = gate.sign_in("the-readers-token", context).cookie;
  CAF_CHECK(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200"));
  context.secure = true;
  cookie = gate.sign_in("the-readers-token", context).cookie;
  CAF_CHECK(cookie.ends_with("; Max-Age=43200; Secure"));
}

CAF_TEST(who fails to sign in too often waits and others do not) {
  for (std::uint32_t i = 0; i < net::attempt_limit::each_minute; ++i) {
    CAF_CHECK(!gate.sign_in("wrong", context).too_often);
  }
  CAF_CHECK(gate.sign_in("the-operators-token", context).too_often);
  CAF_CHECK_EQUAL(status(verb::get, "/", {{"Authorization", "Bearer the-operators-token"}}), 0u);
  context.peer = "192.0.2.2:1";
  CAF_CHECK(!gate.sign_in("the-operators-token", context).too_often);
}

CAF_TEST(users behind a proxy have limits of their own) {
  net::access_settings settings{"the-operators-token", "", false};
  settings.proxy_header = "X-Forwarded-User";
  settings.proxy_networks = {{*parse_ip("192.0.2.1"), 32}};
  gate.use(settings);
  const auto tries_as = [&](const std::string& user, const std::string& token) {
    net::http_request head{verb::post, "/sign-in", 11};
    if (!user.empty()) {
      head.set("X-Forwarded-User", user);
    }
    auto asked = context;
    gate.identify(head, asked);
    return !gate.sign_in(token, asked).too_often;
  };
  for (std::uint32_t i = 0; i < net::attempt_limit::each_minute; ++i) {
    CAF_CHECK(tries_as("mallory", "wrong"));
  }
  CAF_CHECK(!tries_as("mallory", "the-operators-token"));
  CAF_CHECK(tries_as("alice", "the-operators-token"));
  CAF_CHECK(tries_as("", "the-operators-token"));
  CAF_MESSAGE("whom somebody else names does not count");
  context.peer = "192.0.2.2:50000";
  for (std::uint32_t i = 0; i < net::attempt_limit::each_minute; ++i) {
    CAF_CHECK(tries_as("user" + std::to_string(i), "wrong"));
  }
  CAF_CHECK(!tries_as("another", "the-operators-token"));
}

CAF_TEST(who asks is a user or a credential or an address) {
  net::access_settings settings{"the-operators-token", "the-readers-token", true};
  settings.proxy_header = "X-Forwarded-User";
  settings.proxy_networks = {{*parse_ip("192.0.2.9"), 32}};
  gate.use(settings);
  const auto asker = [&](const header_list& headers) {
    net::http_request head{verb::post, "/api/v1/probe", 11};
    for (const auto& [name, value] : headers) {
      head.set(name, value);
    }
    auto asked = context;
    gate.identify(head, asked);
    return asked.asker;
  };
  CAF_CHECK_EQUAL(asker({}), "address 192.0.2.1");
  CAF_CHECK_EQUAL(asker({{"Authorization", "Bearer wrong"}}), "address 192.0.2.1");
  CAF_CHECK_EQUAL(asker({{"X-Forwarded-User", "alice"}}), "address 192.0.2.1");
  CAF_CHECK_EQUAL(asker({{"Authorization", "Bearer the-readers-token"}}), "token, reader");
  CAF_CHECK_EQUAL(asker({{"Cookie", sign_in("the-operators-token")}}), "token, operator");
  context.client_verified = true;
  context.client_name = "laptop";
  CAF_CHECK_EQUAL(asker({}), "certificate laptop");
  context.peer = "192.0.2.9:1";
  CAF_CHECK_EQUAL(asker({{"X-Forwarded-User", " alice "}}), "user alice");
  CAF_CHECK_EQUAL(asker({}), "address 192.0.2.9");
  CAF_MESSAGE("a network of IPv6 is one");
  context.client_verified = false;
  context.peer = "[2001:db8::1]:50000";
  const auto network = asker({});
  context.peer = "[2001:db8::ffff:2]:50001";
  CAF_CHECK_EQUAL(asker({}), network);
  context.peer = "[2001:db8:0:1::1]:50000";
  CAF_CHECK(asker({}) != network);
}

CAF_TEST(a browser is shown where to sign in) {
  const header_list browser{{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}};
  CAF_CHECK_EQUAL(status(verb::get, "/incidents/5", browser), 401u);
  CAF_CHECK_EQUAL(header("Content-Type"), "text/html; charset=utf-8");
  CAF_CHECK(answer->body().find("name=\"to\" value=\"/incidents/5\"") != std::string::npos);
  CAF_CHECK(header("Content-Security-Policy").find("form-action 'self'") != std::string::npos);
  CAF_CHECK_EQUAL(status(verb::get, "/api/v1/targets", browser), 401u);
  CAF_CHECK_EQUAL(header("Content-Type"), "application/json");
  CAF_CHECK_EQUAL(status(verb::post, "/-/reload", browser), 401u);
  CAF_CHECK_EQUAL(header("Content-Type"), "application/json");
  gate.use({"", "", true});
  CAF_CHECK_EQUAL(status(verb::get, "/", browser), 401u);
  CAF_CHECK_EQUAL(header("Content-Type"), "application/json");
}

CAF_TEST(whom a proxy names is let in and what others say is counted) {
  auto counters = std::make_shared<port_counters>();
  gate.count_in(counters);
  net::access_settings settings{"the-operators-token", "", true};
  settings.proxy_header = "X-Forwarded-User";
  settings.proxy_networks = {{*parse_ip("192.0.2.1"), 32}};
  settings.proxy_operators = {"alice"};
  gate.use(settings);
  const header_list alice{{"x-forwarded-user", " alice "}};
  const header_list bob{{"X-Forwarded-User", "bob"}};
  CAF_CHECK_EQUAL(status(verb::post, "/-/reload", alice), 0u);
  CAF_CHECK_EQUAL(status(verb::get, "/metrics", bob), 0u);
  CAF_CHECK_EQUAL(status(verb::post, "/-/reload", bob), 403u);
  CAF_CHECK_EQUAL(status(verb::get, "/metrics", {{"X-Forwarded-User", ""}}), 401u);
  CAF_CHECK_EQUAL(status(verb::get, "/metrics"), 401u);
  CAF_MESSAGE("the token that a proxy passes on may be for others, or an operator's");
  CAF_CHECK_EQUAL(status(verb::get, "/", {bob[0], {"Authorization", "Bearer other"}}), 0u);
  CAF_CHECK_EQUAL(
      status(verb::post, "/-/reload", {bob[0], {"Authorization", "Bearer the-operators-token"}}),
      0u);
  CAF_MESSAGE("the certificate of a proxy is not its users'");
  context.client_verified = true;
  CAF_CHECK_EQUAL(status(verb::get, "/metrics"), 401u);
  CAF_CHECK_EQUAL(status(verb::post, "/-/reload", bob), 403u);
  context.client_verified = false;
  CAF_MESSAGE("a second one is of the proxy's client");
  net::http_request head{verb::get, "/metrics", 11};
  head.insert("X-Forwarded-User", "alice");
  head.insert("X-Forwarded-User", "bob");
  auto asked = context;
  asked.path = "/metrics";
  CAF_CHECK(gate.judge(head, asked, false).has_value());
  CAF_CHECK_EQUAL(counters->foreign_users, 0u);
  context.peer = "192.0.2.2:50000";
  CAF_CHECK_EQUAL(status(verb::get, "/metrics", alice), 401u);
  CAF_CHECK_EQUAL(counters->foreign_users, 1u);
  context.client_verified = true;
  CAF_CHECK_EQUAL(status(verb::post, "/-/reload", alice), 0u);
  CAF_CHECK_EQUAL(counters->foreign_users, 2u);
}

CAF_TEST(without credentials everybody may do everything) {
  gate.use({});
  CAF_CHECK_EQUAL(status(verb::post, "/-/reload"), 0u);
  CAF_CHECK_EQUAL(status(verb::get, "/probe", {}, true), 0u);
  CAF_CHECK(!gate.can_sign_in());
  CAF_CHECK_EQUAL(sign_in(""), "");
}

CAF_TEST(a cookie is found among others) {
  CAF_CHECK(web::cookie_value("a=1; b=2", "b") == "2");
  CAF_CHECK(web::cookie_value("bb=1;b=x=y", "b") == "x=y");
  CAF_CHECK(web::cookie_value("ab=1; b", "b").empty());
  CAF_CHECK(web::cookie_value("", "b").empty());
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace access_gate_suite
