#define CAF_SUITE url_schedule

#include "xprober/actors/server/url_schedule.hpp"

#include "caf/test/unit_test.hpp"

namespace url_schedule_suite {

using namespace xprober;
using namespace std::chrono_literals;

CAF_TEST(a url is asked one question at a time) {
  url_schedule urls;
  urls.add(1, "http://a/", 60s);
  CAF_CHECK(urls.begin(1));
  CAF_CHECK(!urls.begin(1));
  CAF_CHECK(urls.answered(1, true) == 60s);
  CAF_CHECK(urls.begin(1));
  CAF_CHECK(!urls.begin(2));
}

CAF_TEST(after a failure it is asked sooner and then less and less often) {
  url_schedule urls;
  urls.add(1, "http://a/", 10s);
  milliseconds longest{0};
  for (int i = 0; i < 50; ++i) {
    CAF_REQUIRE(urls.begin(1));
    const auto wait = urls.answered(1, false);
    CAF_CHECK(wait <= 10s);
    CAF_CHECK(i > 0 || wait <= 1s);
    longest = std::max(longest, wait);
  }
  CAF_CHECK(longest > 2s);
  urls.begin(1);
  CAF_CHECK(urls.answered(1, true) == 10s);
  urls.begin(1);
  CAF_CHECK(urls.answered(1, false) <= 1s);
}

CAF_TEST(urls that are gone are not asked) {
  url_schedule urls;
  urls.add(1, "http://a/", 60s);
  urls.add(2, "http://b/", 60s);
  urls.keep_only({2});
  CAF_CHECK(!urls.begin(1));
  CAF_CHECK(urls.begin(2));
}

} // namespace url_schedule_suite
