#define CAF_SUITE browser_guard

#include "xprober/net/browser_guard.hpp"

#include "caf/test/unit_test.hpp"

namespace browser_guard_suite {

using namespace xprober::net;

namespace {

using header_list = std::vector<std::pair<const char*, const char*>>;

http_request asking(const header_list& headers) {
  http_request head{http::verb::post, "/-/reload", 11};
  for (const auto& [name, value] : headers) {
    head.set(name, value);
  }
  return head;
}

/// The status of the answer; 0 for none.
unsigned status(const std::optional<http_response>& answer) {
  return answer ? answer->result_int() : 0U;
}

} // namespace

CAF_TEST(addresses and names of the machine are known) {
  const browser_guard guard{{"Probe1", "*.example.org"}};
  for (const auto* host :
       {"127.0.0.1", "192.0.2.1:8087", "[::1]", "[2001:db8::1]:80", "localhost", "LOCALHOST:8087",
        "a.localhost", "probe1", "PROBE1.:80", "a.example.org", "a.b.example.org:1"}) {
    CAF_MESSAGE(host);
    CAF_CHECK(guard.knows(host));
  }
  for (const auto* host :
       {"attacker.example", "probe1.attacker.example", "example.org", "notexample.org",
        "localhost.attacker.example", "127.0.0.1.attacker.example", "0x7f.1", "[", ":80"}) {
    CAF_MESSAGE(host);
    CAF_CHECK(!guard.knows(host));
  }
  CAF_CHECK(browser_guard{{"*"}}.knows("attacker.example"));
}

CAF_TEST(a request for another name is misdirected) {
  const browser_guard guard{{}};
  CAF_CHECK_EQUAL(status(guard.judge_host(asking({{"Host", "attacker.example"}}))), 421u);
  CAF_CHECK_EQUAL(status(guard.judge_host(asking({{"Host", "127.0.0.1:1"}}))), 0u);
  CAF_CHECK_EQUAL(status(guard.judge_host(asking({}))), 0u);
}

CAF_TEST(the pages of others change nothing) {
  const auto of = [](const header_list& headers) { return status(judge_origin(asking(headers))); };
  // What is no browser.
  CAF_CHECK_EQUAL(of({{"Host", "a:1"}}), 0u);
  CAF_CHECK_EQUAL(of({{"Host", "a:1"}, {"Origin", "http://a:1"}}), 0u);
  CAF_CHECK_EQUAL(of({{"Host", "A:1"}, {"Origin", "https://a:1"}}), 0u);
  CAF_CHECK_EQUAL(of({{"Host", "a:1"}, {"Origin", "http://a:2"}}), 403u);
  CAF_CHECK_EQUAL(of({{"Host", "a:1"}, {"Origin", "null"}}), 403u);
  CAF_CHECK_EQUAL(of({{"Host", "a:1"}, {"Sec-Fetch-Site", "same-origin"}}), 0u);
  CAF_CHECK_EQUAL(of({{"Host", "a:1"}, {"Sec-Fetch-Site", "none"}}), 0u);
  CAF_CHECK_EQUAL(of({{"Host", "a:1"}, {"Sec-Fetch-Site", "same-site"}}), 403u);
  CAF_CHECK_EQUAL(of({{"Host", "a:1"}, {"Sec-Fetch-Site", "cross-site"}}), 403u);
  // A proxy may have changed Host; the browser knows better.
  CAF_CHECK_EQUAL(of({{"Host", "10.0.0.1"},
                      {"Origin", "https://probes.example"},
                      {"Sec-Fetch-Site", "same-origin"}}),
                  0u);
}

CAF_TEST(where there are no pages no page may ask) {
  const auto of = [](const header_list& headers) { return status(judge_page(asking(headers))); };
  CAF_CHECK_EQUAL(of({{"Host", "a:1"}}), 0u);
  CAF_CHECK_EQUAL(of({{"Host", "a:1"}, {"Sec-Fetch-Site", "none"}}), 0u);
  CAF_CHECK_EQUAL(of({{"Host", "a:1"}, {"Origin", "http://a:1"}}), 403u);
  CAF_CHECK_EQUAL(of({{"Host", "a:1"}, {"Sec-Fetch-Site", "same-origin"}}), 403u);
  CAF_CHECK_EQUAL(of({{"Sec-Fetch-Site", "none"}, {"Origin", "null"}}), 403u);
}

CAF_TEST(methods that are safe change nothing) {
  CAF_CHECK(!changes_something(http::verb::get));
  CAF_CHECK(!changes_something(http::verb::head));
  CAF_CHECK(!changes_something(http::verb::options));
  CAF_CHECK(changes_something(http::verb::post));
  CAF_CHECK(changes_something(http::verb::delete_));
  CAF_CHECK(changes_something(http::verb::unknown));
}

} // namespace browser_guard_suite
