#define CAF_SUITE store_failures

#include "xprober/store/store_failures.hpp"

#include <string>

#include "caf/test/dsl.hpp"

namespace store_failures_suite {

using namespace xprober;

CAF_TEST(the same failure has one number while it is used) {
  store_failures all;
  const auto first = all.acquire({"refused", "connect", "connect to 10.0.0.1:80: refused"});
  const auto again = all.acquire({"refused", "connect", "connect to 10.0.0.1:80: refused"});
  const auto other = all.acquire({"refused", "connect", "connect to 10.0.0.2:80: refused"});
  CAF_CHECK_EQUAL(first, again);
  CAF_CHECK(first != other);
  CAF_CHECK_EQUAL(all.size(), 2U);
  CAF_CHECK_EQUAL(std::string{all[first].reason}, "refused");
  CAF_CHECK_EQUAL(std::string{all[first].phase}, "connect");
  CAF_CHECK_EQUAL(std::string{all[other].detail}, "connect to 10.0.0.2:80: refused");
  CAF_CHECK(!all.release(first));
  CAF_CHECK(all.release(again));
  CAF_CHECK_EQUAL(all.size(), 1U);
}

CAF_TEST(sentences that find no room are left out) {
  store_failures all;
  const std::string large(store_failures::most_bytes - 10, 'x');
  const auto first = all.acquire({"a", "", large});
  const auto none = all.acquire({"b", "", "more than ten bytes"});
  CAF_CHECK(all[none].detail.empty());
  CAF_CHECK_EQUAL(std::string{all[none].reason}, "b");
  CAF_CHECK(all.release(first));
  const auto room = all.acquire({"c", "", "more than ten bytes"});
  CAF_CHECK(!all[room].detail.empty());
}

} // namespace store_failures_suite
