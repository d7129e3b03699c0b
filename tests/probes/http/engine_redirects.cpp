#define CAF_SUITE engine_redirects

#include <map>

#include "probes/http/probe_fixture.hpp"
#include "xprober/probes/http/engine.hpp"

#include "caf/test/unit_test.hpp"

namespace engine_redirects_suite {

using namespace xprober;
using namespace xprober::http::test;

namespace {

// What a site sends for each request line, and the last request for each.
struct site {
  std::map<std::string, std::string> pages;
  std::map<std::string, std::string> asked; ///< read once the probe has ended
  script_server server{[this](peer& client) {
    const auto request = client.read_request();
    const auto line = request.substr(0, request.find(" HTTP/1.1"));
    asked[line] = request;
    const auto page = pages.find(line);
    client.send(page == pages.end() ? response("404 Not Found") : page->second);
  }};
};

std::string moved(std::string_view location, std::string_view fields = "",
                  std::string_view status = "302 Found") {
  return response(status, "moved",
                  "Location: " + std::string{location} + "\r\n" + std::string{fields});
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

struct fixture : probe_fixture {
  site first;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(redirect_tests, fixture)

CAF_TEST(a chain carries its cookies) {
  first.pages["GET /"] = moved("/login", "Set-Cookie: sid=1; Path=/\r\n");
  first.pages["GET /login"] = moved("deep/page?x", "Set-Cookie: more=2; Path=/deep\r\n");
  first.pages["GET /deep/page?x"] = response("200 OK", "in");
  auto outcome = probe(first.server.authority());
  CAF_CHECK(outcome.success);
  CAF_CHECK_EQUAL(outcome.detail, "");
  CAF_CHECK_EQUAL(phases(outcome), all_phases);
  CAF_CHECK_EQUAL(summary(outcome).redirects, 2);
  CAF_CHECK_EQUAL(summary(outcome).status, 200);
  CAF_CHECK_EQUAL(summary(outcome).body_bytes, 2u);
  prober().stop();
  CAF_CHECK(!holds(first.asked["GET /"], "Cookie:"));
  CAF_CHECK(holds(first.asked["GET /login"], "\r\nCookie: sid=1\r\n"));
  CAF_CHECK(holds(first.asked["GET /deep/page?x"], "\r\nCookie: more=2; sid=1\r\n"));
  CAF_CHECK_EQUAL(counters.redirects, 2u);
  CAF_CHECK_EQUAL(counters.connections, 3u);
}

CAF_TEST(secrets do not follow to another host) {
  site second;
  second.pages["GET /in"] = response("200 OK");
  const auto there = "http://" + second.server.authority("second.test");
  config.headers = {{"Authorization", "Bearer token"}};
  first.pages["GET /"] = moved("/again", "Set-Cookie: sid=1\r\n");
  first.pages["GET /again"] = moved(there + "/in");
  auto outcome = probe(first.server.authority("first.test"));
  CAF_CHECK(outcome.success);
  prober().stop();
  CAF_CHECK(holds(first.asked["GET /again"], "Bearer token"));
  CAF_CHECK(!holds(second.asked["GET /in"], "Bearer token"));
  CAF_CHECK(!holds(second.asked["GET /in"], "Cookie"));
  CAF_CHECK(holds(second.asked["GET /in"], "\r\nHost: " + second.server.authority("second.test")));
  CAF_CHECK_EQUAL(counters.resolves, 3u);
}

CAF_TEST(the user of the url stays with its host) {
  site second;
  second.pages["GET /in"] = response("200 OK");
  first.pages["GET /"] = moved("/again");
  first.pages["GET /again"] = moved("http://" + second.server.authority() + "/in");
  CAF_CHECK(probe("http://me:word@" + first.server.authority()).success);
  prober().stop();
  CAF_CHECK(holds(first.asked["GET /again"], "Authorization: Basic bWU6d29yZA=="));
  CAF_CHECK(!holds(second.asked["GET /in"], "Authorization"));
}

CAF_TEST(a post becomes a get) {
  config.method = "POST";
  first.pages["POST /"] = moved("/done", "", "303 See Other");
  first.pages["GET /done"] = response("200 OK");
  CAF_CHECK(probe(first.server.authority()).success);
}

CAF_TEST(a loop ends) {
  first.pages["GET /"] = moved("/");
  auto outcome = probe(first.server.authority());
  CAF_CHECK_EQUAL(outcome.error, probe_error::too_many_redirects);
  CAF_CHECK_EQUAL(summary(outcome).redirects, 10);
  CAF_CHECK_EQUAL(summary(outcome).status, 302);
  CAF_CHECK_EQUAL(first.server.accepted(), 11);
}

CAF_TEST(a redirect to nowhere) {
  first.pages["GET /"] = response("302 Found");
  CAF_CHECK_EQUAL(probe(first.server.authority()).error, probe_error::bad_redirect);
  first.pages["GET /"] = moved("gopher://x/");
  CAF_CHECK_EQUAL(probe(first.server.authority()).error, probe_error::bad_redirect);
}

CAF_TEST(a redirect is the answer where none is followed) {
  config.follow_redirects = false;
  config.valid_status_codes = {302};
  first.pages["GET /"] = moved("/x");
  auto outcome = probe(first.server.authority());
  CAF_CHECK(outcome.success);
  CAF_CHECK_EQUAL(phases(outcome), all_phases);
  CAF_CHECK_EQUAL(first.server.accepted(), 1);
}

CAF_TEST(a failing last hop shows its own phases) {
  first.pages["GET /"] = moved("http://missing.test/");
  auto outcome = probe(first.server.authority());
  CAF_CHECK_EQUAL(outcome.error, probe_error::resolve_not_found);
  CAF_CHECK_EQUAL(phases(outcome), "");
  CAF_CHECK_EQUAL(summary(outcome).redirects, 1);
  first.pages["GET /"] = moved("/gone");
  outcome = probe(first.server.authority());
  CAF_CHECK_EQUAL(outcome.error, probe_error::bad_status);
  CAF_CHECK_EQUAL(outcome.detail,
                  "HTTP status 404 from http://" + first.server.authority() + "/gone");
}

CAF_TEST(a redirect to a denied address is not followed) {
  denied_targets = {"127.0.0.2"};
  const auto elsewhere = "http://127.0.0.2:" + std::to_string(first.server.port()) + "/x";
  first.pages["GET /"] = moved(elsewhere);
  const auto outcome = probe(first.server.authority());
  CAF_CHECK_EQUAL(outcome.error, probe_error::not_allowed);
  CAF_CHECK(outcome.state() == probe_state::own_fault);
  CAF_CHECK_EQUAL(outcome.detail, "redirected to " + elsewhere +
                                      ": 127.0.0.2 is denied by denied_targets (127.0.0.2)");
  prober().stop();
  CAF_CHECK_EQUAL(first.asked.count("GET /x"), 0u);
}

CAF_TEST(secrets go to the hosts that are named) {
  config.basic_auth = {"me", "pw", ""};
  secret_hosts = {"a.test"};
  const auto port = std::to_string(first.server.port());
  first.pages["GET /"] = moved("http://b.test:" + port + "/there");
  first.pages["GET /there"] = response("200 OK");
  const auto refused = probe("http://b.test:" + port + "/");
  CAF_CHECK_EQUAL(refused.error, probe_error::not_allowed);
  CAF_CHECK_EQUAL(refused.detail, "b.test: 127.0.0.1 is not in secret_hosts");
  const auto followed = probe("http://a.test:" + port + "/");
  CAF_CHECK(followed.success);
  prober().stop();
  CAF_CHECK(holds(first.asked["GET /"], "Authorization: Basic"));
  CAF_CHECK(!holds(first.asked["GET /there"], "Authorization"));
}

CAF_TEST(a secret of a query is sent and not told) {
  first.pages["GET /p?token=abc&x=1"] = moved("/q?sig=def");
  const auto outcome = probe("http://" + first.server.authority() + "/p?token=abc&x=1#top");
  CAF_CHECK_EQUAL(outcome.error, probe_error::bad_status);
  CAF_CHECK(!holds(outcome.detail, "def"));
  CAF_CHECK(holds(outcome.detail, "/q?sig=***"));
  prober().stop();
  CAF_CHECK_EQUAL(first.asked.count("GET /q?sig=def"), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace engine_redirects_suite
