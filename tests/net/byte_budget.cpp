#define CAF_SUITE byte_budget

#include "xprober/net/byte_budget.hpp"

#include <memory>

#include "caf/test/unit_test.hpp"

namespace byte_budget_suite {

using namespace xprober;
using namespace xprober::net;

namespace {

constexpr std::uint64_t kib = 1024;
const peer_key one{false, 1};
const peer_key two{false, 2};
const peer_key three{false, 3};

struct fixture {
  port_account account{std::make_shared<byte_budget>(byte_limits{200 * kib, 120 * kib}),
                       std::make_shared<port_counters>()};
  std::uint64_t held() const { return account.budget->held(); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(byte_budget_tests, fixture)

CAF_TEST(what is held counts until it is let go) {
  {
    byte_charge charge{account, one};
    CAF_CHECK(charge.hold(100 * kib));
    CAF_CHECK_EQUAL(held(), 100 * kib);
    CAF_CHECK(charge.hold(50 * kib));
    CAF_CHECK_EQUAL(held(), 50 * kib);
    CAF_CHECK_EQUAL(account.budget->held_by(one), 50 * kib);
    CAF_CHECK_EQUAL(account.counters->held_bytes, 50 * kib);
  }
  CAF_CHECK_EQUAL(held(), 0u);
  CAF_CHECK_EQUAL(account.counters->held_bytes, 0u);
  CAF_CHECK_EQUAL(account.counters->refused_messages, 0u);
}

CAF_TEST(nothing large has room while memory is short) {
  byte_charge before{account, one};
  CAF_CHECK(before.hold(50 * kib));
  account.budget->close(true);
  CAF_CHECK(before.hold(50 * kib)); // it is there already
  CAF_CHECK(!before.hold(51 * kib));
  byte_charge charge{account, two};
  CAF_CHECK(!charge.may_hold(20 * kib));
  CAF_CHECK(!charge.hold_answer(plain_answer_bytes + 1));
  CAF_CHECK(charge.hold_answer(20 * kib));
  CAF_CHECK(charge.hold(small_message_bytes));
  CAF_CHECK_EQUAL(charge.reason(), "this process is short of memory");
  account.budget->close(false);
  CAF_CHECK(charge.hold(20 * kib));
  CAF_CHECK_EQUAL(charge.reason(), "too much is being received at once");
}

CAF_TEST(a peer has its own limit) {
  byte_charge first{account, one};
  byte_charge second{account, one};
  byte_charge other{account, two};
  CAF_CHECK(first.hold(100 * kib));
  CAF_CHECK(!second.hold(21 * kib));
  CAF_CHECK(!second.may_hold(21 * kib));
  CAF_CHECK_EQUAL(account.counters->refused_messages, 2u);
  CAF_CHECK(second.may_hold(20 * kib));
  CAF_CHECK_EQUAL(account.budget->held_by(one), 100 * kib);
  CAF_CHECK(second.hold(20 * kib));
  CAF_CHECK(other.hold(80 * kib));
}

CAF_TEST(all peers together have one) {
  byte_charge first{account, one};
  byte_charge second{account, two};
  byte_charge third{account, three};
  CAF_CHECK(first.hold(100 * kib));
  CAF_CHECK(second.hold(80 * kib));
  CAF_CHECK(!third.hold(21 * kib));
  CAF_CHECK(first.hold(0));
  CAF_CHECK(third.hold(21 * kib));
}

CAF_TEST(what is small has room always and is not counted) {
  byte_charge first{account, one};
  byte_charge second{account, two};
  CAF_CHECK(first.hold(120 * kib));
  CAF_CHECK(second.hold(80 * kib));
  byte_charge small{account, three};
  CAF_CHECK(small.hold(small_message_bytes));
  CAF_CHECK(small.hold_answer(small_message_bytes));
  CAF_CHECK_EQUAL(held(), 200 * kib);
}

CAF_TEST(one answer may be as large as it is) {
  byte_charge answer{account, one};
  CAF_CHECK(answer.hold(100 * kib)); // its request, which is no longer there
  CAF_CHECK(answer.hold_answer(1000 * kib));
  CAF_CHECK_EQUAL(held(), 1000 * kib);
  byte_charge other{account, two};
  CAF_CHECK(!other.hold_answer(20 * kib));
  CAF_CHECK(!other.hold(20 * kib));
  CAF_CHECK(answer.hold_answer(0));
  CAF_CHECK(other.hold_answer(20 * kib));
}

CAF_TEST(without an account nothing is limited) {
  byte_charge charge{{}, one};
  CAF_CHECK(charge.hold(std::uint64_t{1} << 40U));
  CAF_CHECK(charge.hold_answer(std::uint64_t{1} << 40U));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace byte_budget_suite
