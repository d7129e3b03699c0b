#define CAF_SUITE refusal

#include "xprober/net/refusal.hpp"

#include "caf/test/unit_test.hpp"

namespace refusal_suite {

using namespace xprober::net;
using namespace std::chrono_literals;

CAF_TEST(a refusal is told on one line and not at length) {
  http_answer answer;
  answer.status = 429;
  answer.body = "slow\n!";
  CAF_CHECK_EQUAL(refusal_text(answer), "HTTP 429: slow !");
  answer.body.assign(1000, 'x');
  CAF_CHECK_EQUAL(refusal_text(answer), "HTTP 429: " + std::string(300, 'x'));
}

CAF_TEST(what was asked for is not told) {
  http_answer answer;
  answer.status = 301;
  answer.body = std::string(290, 'x') + " <a href=\"https://h/hooks/secret-path\">";
  CAF_CHECK_EQUAL(refusal_text(answer, {"/hooks/secret-path", "secret-path"}),
                  "HTTP 301: " + std::string(290, 'x') + " <a href=\"");
  answer.body.erase(0, 280);
  CAF_CHECK_EQUAL(refusal_text(answer, {"/hooks/secret-path", "secret-path"}),
                  "HTTP 301: xxxxxxxxxx <a href=\"https://h***\">");
}

CAF_TEST(waits are read and bounded) {
  CAF_CHECK(parse_retry_after("120", 0) == 120s);
  CAF_CHECK(parse_retry_after("99999999", 0) == 3600s);
  CAF_CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", 784'111'770) == 7s);
  CAF_CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", 784'111'780) == 0s);
  CAF_CHECK(!parse_retry_after("", 0) && !parse_retry_after("soon", 0));
}

CAF_TEST(a server that names no wait wants none) {
  http_answer answer;
  CAF_CHECK(!retry_after(answer, xprober::wall_time{}));
  answer.headers = {{"retry-after", "7"}};
  CAF_CHECK(retry_after(answer, xprober::wall_time{}) == 7s);
}

} // namespace refusal_suite
