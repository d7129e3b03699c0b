#define CAF_SUITE request

#include "xprober/probes/http/request.hpp"

#include <vector>

#include "caf/test/unit_test.hpp"

namespace request_suite {

using namespace xprober::http;

namespace {

using header_map = std::map<std::string, std::string>;

std::string text_of(std::string_view target, const header_map& headers = {}, bool own = true,
                    std::string_view method = "GET", std::string_view cookies = "") {
  const auto url = *parse_target(target).url;
  return request_text({.url = url,
                       .method = method,
                       .headers = headers,
                       .private_headers = own,
                       .cookies = cookies,
                       .user_agent = "probe/1",
                       .body = ""});
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST(a plain request) {
  CAF_CHECK_EQUAL(text_of("http://h:81/p?q"),
                  "GET /p?q HTTP/1.1\r\nHost: h:81\r\nUser-Agent: probe/1\r\nAccept: */*\r\n"
                  "Connection: close\r\n\r\n");
}

CAF_TEST(the usual request has the bytes of every other one) {
  const std::vector<header_map> all{
      {},
      {{"host", "www.test"}, {"user-agent", "me"}},
      {{"Accept", "text/plain"}, {"Authorization", "Bearer t"}, {"Cookie", "a=1"}},
      {{"Content-Type", "text/plain"}, {"X-Api-Key", "K"}}};
  for (const auto& headers : all) {
    for (const std::string method : {"GET", "POST", "HEAD"}) {
      for (const std::string body : {"", "some text"}) {
        const usual_request usual{method, headers, "probe/1", "Basic x", body};
        for (const auto* target : {"http://h:81/p?q", "https://[::1]/", "https://h:443/a b"}) {
          const auto url = *parse_target(target).url;
          const auto text = request_text({.url = url,
                                          .method = method,
                                          .headers = headers,
                                          .user_agent = "probe/1",
                                          .authorization = "Basic x",
                                          .body = body});
          CAF_CHECK_EQUAL(usual.text(url, body), text);
        }
      }
    }
  }
}

CAF_TEST(methods that expect content say there is none) {
  CAF_CHECK(holds(text_of("h", {}, true, "POST"), "\r\nContent-Length: 0\r\n"));
  CAF_CHECK(!holds(text_of("h", {}, true, "HEAD"), "Content-Length"));
}

CAF_TEST(the user of the url is authorized) {
  CAF_CHECK(holds(text_of("http://Aladdin:open%20sesame@h/"),
                  "\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
}

CAF_TEST(configured headers replace ours) {
  const auto text = text_of("http://1.2.3.4/", {{"host", "www.test"}, {"user-agent", "me"}});
  CAF_CHECK(holds(text, "\r\nhost: www.test\r\n"));
  CAF_CHECK(!holds(text, "Host: 1.2.3.4"));
  CAF_CHECK(!holds(text, "probe/1"));
}

CAF_TEST(what is for the first host goes nowhere else) {
  const header_map headers{
      {"authorization", "Bearer t"}, {"Cookie", "a=1"}, {"Host", "www.test"}, {"X-Own", "yes"}};
  const auto text = text_of("http://other/", headers, false, "GET", "jar=1");
  CAF_CHECK(!holds(text, "Bearer"));
  CAF_CHECK(!holds(text, "a=1"));
  CAF_CHECK(holds(text, "\r\nHost: other\r\n"));
  CAF_CHECK(holds(text, "\r\nX-Own: yes\r\n"));
  CAF_CHECK(holds(text, "\r\nCookie: jar=1\r\n"));
}

CAF_TEST(headers that may hold credentials are private whatever their name) {
  const header_map headers{
      {"X-Api-Key", "K"}, {"x-auth-token", "T"}, {"X-Session", "S"}, {"Accept-Language", "de"}};
  const auto away = text_of("http://other/", headers, false);
  for (const auto* secret : {"X-Api-Key", "x-auth-token", "X-Session"}) {
    CAF_CHECK(!holds(away, secret));
    CAF_CHECK(holds(text_of("http://h/", headers), secret));
  }
  CAF_CHECK(holds(away, "\r\nAccept-Language: de\r\n"));
}

CAF_TEST(cookies of the configuration and of the jar are one header) {
  CAF_CHECK(holds(text_of("http://h/", {{"Cookie", "a=1"}}, true, "GET", "jar=1"),
                  "\r\nCookie: a=1; jar=1\r\n"));
  CAF_CHECK(holds(text_of("http://h/", {{"Cookie", "a=1"}}), "\r\nCookie: a=1\r\n"));
}

CAF_TEST(what would break a request is refused) {
  CAF_CHECK_EQUAL(check_request("GET", {{"X-A", "b\tc"}}), "");
  CAF_CHECK(check_request("", {}).starts_with("http.method: "));
  CAF_CHECK(check_request("GET /x", {}).starts_with("http.method: "));
  CAF_CHECK(check_request("CONNECT", {}).starts_with("http.method: "));
  CAF_CHECK(check_request("GET", {{"X A", "b"}}).starts_with("http.headers: "));
  CAF_CHECK(check_request("GET", {{"", "b"}}).starts_with("http.headers: "));
  CAF_CHECK(check_request("GET", {{"X", "b\r\nY: z"}}).starts_with("http.headers: "));
  CAF_CHECK(check_request("GET", {{"content-length", "5"}}).starts_with("http.headers: "));
  CAF_CHECK_EQUAL(check_request("GET", {{"Host", "a"}, {"X", "b"}, {"host", "c"}}),
                  "http.headers: Host and host are one header; it is sent once");
}

CAF_TEST(a body has its length and what describes it) {
  const auto url = *parse_target("h/x").url;
  const header_map headers{{"Content-Type", "text/plain"}, {"X", "1"}};
  auto text = request_text(
      {.url = url, .method = "PUT", .headers = headers, .user_agent = "me", .body = "a\r\n\r\nb"});
  CAF_CHECK(holds(text, "\r\nContent-Length: 6\r\n"));
  CAF_CHECK(holds(text, "\r\nContent-Type: text/plain\r\n"));
  CAF_CHECK(text.ends_with("\r\n\r\na\r\n\r\nb"));
  CAF_MESSAGE("a redirect has changed the method");
  text = request_text({.url = url, .method = "GET", .headers = headers, .user_agent = "me"});
  CAF_CHECK(!holds(text, "Content-"));
  CAF_CHECK(holds(text, "\r\nX: 1\r\n"));
  CAF_CHECK(text.ends_with("\r\n\r\n"));
}

CAF_TEST(who is authorized and where) {
  const auto plain = *parse_target("http://h/").url;
  const auto named = *parse_target("http://u:p@h/").url;
  const header_map own{{"Authorization", "Own"}};
  const auto sent = [](const http_url& url, const header_map& headers, bool at_home) {
    const auto text = request_text({.url = url,
                                    .method = "GET",
                                    .headers = headers,
                                    .private_headers = at_home,
                                    .user_agent = "me",
                                    .authorization = "Bearer t"});
    const auto at = text.find("Authorization: ");
    return at == std::string::npos ? "" : text.substr(at + 15, text.find("\r\n", at) - at - 15);
  };
  CAF_CHECK_EQUAL(sent(plain, {}, true), "Bearer t");
  CAF_CHECK_EQUAL(sent(plain, {}, false), "");
  CAF_CHECK_EQUAL(sent(named, {}, true), "Basic dTpw");
  CAF_CHECK_EQUAL(sent(named, own, true), "Own");
  CAF_CHECK_EQUAL(sent(plain, own, false), "");
}

CAF_TEST(a proxy is asked for the whole url) {
  const auto url = *parse_target("http://u:p@h:81/x?y").url;
  const auto text = request_text({.url = url,
                                  .method = "GET",
                                  .headers = {},
                                  .user_agent = "me",
                                  .through_proxy = true,
                                  .proxy_authorization = "Basic x"});
  CAF_CHECK(text.starts_with("GET http://h:81/x?y HTTP/1.1\r\nHost: h:81\r\n"));
  CAF_CHECK(holds(text, "\r\nProxy-Authorization: Basic x\r\n"));
}

} // namespace request_suite
