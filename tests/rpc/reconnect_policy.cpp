#define CAF_SUITE reconnect_policy

#include "xprober/rpc/reconnect_policy.hpp"

#include "caf/test/unit_test.hpp"

namespace reconnect_policy_suite {

using namespace xprober;
using namespace xprober::rpc;
using namespace std::chrono_literals;

CAF_TEST(a_failure_leads_to_the_next_server_at_once_and_a_round_to_a_wait) {
  reconnect_policy policy{3, backoff{500ms, 10s, 2.0, 1}};
  CAF_CHECK_EQUAL(policy.current(), 0u);
  CAF_CHECK_EQUAL(policy.failed().count(), 0);
  CAF_CHECK_EQUAL(policy.current(), 1u);
  CAF_CHECK_EQUAL(policy.failed().count(), 0);
  CAF_CHECK_EQUAL(policy.current(), 2u);
  const auto wait = policy.failed();
  CAF_CHECK(wait >= 1ms);
  CAF_CHECK(wait <= 500ms);
  CAF_CHECK_EQUAL(policy.current(), 0u);
}

CAF_TEST(an_answer_keeps_the_server_and_forgets_failures) {
  reconnect_policy policy{2, backoff{500ms, 10s, 2.0, 1}};
  policy.failed();
  policy.answered();
  CAF_CHECK_EQUAL(policy.current(), 1u);
  CAF_CHECK_EQUAL(policy.failed().count(), 0);
  CAF_CHECK_EQUAL(policy.current(), 0u);
}

CAF_TEST(a_list_may_be_begun_in_its_midst) {
  reconnect_policy policy{3, backoff{500ms, 10s, 2.0, 1}, 2};
  CAF_CHECK_EQUAL(policy.current(), 2u);
  CAF_CHECK_EQUAL(policy.failed().count(), 0);
  CAF_CHECK_EQUAL(policy.current(), 0u);
  CAF_CHECK_EQUAL(policy.failed().count(), 0);
  CAF_CHECK(policy.failed() >= 1ms);
  CAF_CHECK_EQUAL(policy.current(), 2u);
}

CAF_TEST(waits_grow_up_to_their_limit) {
  reconnect_policy policy{1, backoff{500ms, 10s, 2.0, 1}};
  auto longest = 0ms;
  for (int i = 0; i < 200; ++i) {
    const auto wait = policy.failed();
    CAF_REQUIRE(wait >= 1ms);
    CAF_REQUIRE(wait <= 10s);
    longest = std::max(longest, wait);
  }
  CAF_CHECK(longest > 5s);
  policy.answered();
  CAF_CHECK(policy.lost() <= 500ms);
}

} // namespace reconnect_policy_suite
