#define CAF_SUITE delivery

#include "xprober/notify/delivery.hpp"

#include <algorithm>
#include <optional>

#include "caf/test/unit_test.hpp"

namespace delivery_suite {

using namespace xprober::notify;
using namespace std::chrono_literals;

namespace {

delivery_step after(delivery& subject, unsigned status,
                    std::optional<std::chrono::seconds> wait = {}) {
  return subject.take({status, "text", wait});
}

} // namespace

CAF_TEST(what may be taken later is tried again and what is refused is given up) {
  delivery subject{1};
  for (const unsigned status : {200U, 202U, 204U}) {
    CAF_CHECK(after(subject, status).fate == delivery_fate::told);
  }
  for (const unsigned status : {0U, 302U, 408U, 425U, 429U, 500U, 503U}) {
    CAF_CHECK(after(subject, status).fate == delivery_fate::again);
  }
  for (const unsigned status : {400U, 401U, 404U, 422U, 499U}) {
    CAF_CHECK(after(subject, status).fate == delivery_fate::given_up);
  }
}

CAF_TEST(pauses grow to five minutes and begin anew after an answer) {
  delivery subject{1};
  CAF_CHECK(after(subject, 500).pause <= 1s);
  std::chrono::milliseconds longest{0};
  for (int i = 0; i < 200; ++i) {
    const auto pause = after(subject, 0).pause;
    CAF_CHECK(pause > 0ms && pause <= 5min);
    longest = std::max(longest, pause);
  }
  CAF_CHECK(longest > 2min);
  CAF_CHECK(after(subject, 200).pause == 0ms);
  CAF_CHECK(after(subject, 500).pause <= 1s);
}

CAF_TEST(a receiver that names a wait is obeyed where it is longer) {
  delivery subject{1};
  CAF_CHECK(after(subject, 429, 60s).pause == 60s);
  CAF_CHECK(after(subject, 503, 0s).pause > 0ms);
}

CAF_TEST(the log hears of the first failure and its end and of what is given up) {
  delivery subject{1};
  CAF_CHECK(!after(subject, 200).news);
  CAF_CHECK(after(subject, 500).news);
  CAF_CHECK(!after(subject, 0).news);
  CAF_CHECK(after(subject, 200).news);
  CAF_CHECK(!after(subject, 200).news);
  CAF_CHECK(after(subject, 400).news);
  CAF_CHECK(after(subject, 400).news);
  CAF_CHECK(!after(subject, 200).news);
}

} // namespace delivery_suite
