#define CAF_SUITE echo_probe

#include "xprober/probes/icmp/echo_probe.hpp"

#include <array>

#include "caf/test/unit_test.hpp"

namespace echo_probe_suite {

using namespace xprober;
using namespace xprober::icmp;
using namespace std::chrono_literals;

namespace {

using kind = echo_action::kind;
constexpr monotonic_time no_overflow = monotonic_time::min();

struct fixture {
  probe_plan plan{3, icmp_mode::adaptive, 10ms, 1s};
  monotonic_time begin{100s};
  echo_probe probe;
  std::vector<float> scratch;

  void start(nanoseconds deadline = 15s) { probe.start(plan, begin, begin + deadline); }

  /// Requires that an echo is due at `at` after the beginning, and sends it then.
  void send(std::uint32_t number, nanoseconds at) {
    const echo_action action = probe.next(begin + at);
    CAF_REQUIRE(action.what == kind::send);
    CAF_REQUIRE_EQUAL(action.number, number);
    probe.sent(begin + at);
  }

  void expire(nanoseconds at, monotonic_time overflow = no_overflow) {
    probe.expire(begin + at, overflow);
  }

  bool waits_until(nanoseconds now, nanoseconds until) {
    const echo_action action = probe.next(begin + now);
    return action.what == kind::wait && action.until == begin + until;
  }

  bool finished(nanoseconds now) { return probe.next(begin + now).what == kind::finish; }

  probe_verdict verdict() { return probe.verdict(scratch); }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(echo_probe_tests, fixture)

CAF_TEST(adaptive_sends_the_next_echo_when_the_last_is_answered) {
  start();
  send(0, 0ms);
  CAF_CHECK(waits_until(0ms, 10ms));
  CAF_CHECK(probe.reply(0, begin + 2ms) == reply_kind::counted);
  send(1, 2ms);
  CAF_CHECK(probe.reply(1, begin + 5ms) == reply_kind::counted);
  send(2, 5ms);
  CAF_CHECK(waits_until(5ms, 1005ms));
  CAF_CHECK(probe.reply(2, begin + 9ms) == reply_kind::counted);
  CAF_CHECK(finished(9ms));
  const probe_verdict v = verdict();
  CAF_CHECK(v.success);
  CAF_CHECK(v.error == probe_error::none);
  CAF_CHECK_EQUAL(v.summary.sent, 3u);
  CAF_CHECK_EQUAL(v.summary.received, 3u);
  CAF_CHECK_EQUAL(v.summary.rtt.min, 2.0f);
  CAF_CHECK_EQUAL(v.summary.rtt.mean, 3.0f);
  CAF_CHECK_EQUAL(v.summary.rtt.max, 4.0f);
  CAF_CHECK_EQUAL(v.summary.rtt.p50, 3.0f);
  CAF_CHECK_EQUAL(v.summary.rtt.p99, 4.0f);
}

CAF_TEST(adaptive_does_not_wait_longer_than_the_interval) {
  start();
  send(0, 0ms);
  CAF_CHECK(waits_until(9ms, 10ms));
  send(1, 10ms);
  // An answer to an older echo does not hurry the next one.
  CAF_CHECK(probe.reply(0, begin + 12ms) == reply_kind::counted);
  CAF_CHECK(waits_until(12ms, 20ms));
  send(2, 20ms);
}

CAF_TEST(fixed_keeps_its_cadence_whatever_is_answered) {
  plan.mode = icmp_mode::fixed;
  start();
  send(0, 0ms);
  probe.reply(0, begin + 1ms);
  CAF_CHECK(waits_until(1ms, 10ms));
  send(1, 12ms); // two milliseconds late
  CAF_CHECK(waits_until(13ms, 20ms));
  send(2, 20ms);
}

CAF_TEST(fixed_does_not_make_up_for_missed_echoes_in_a_burst) {
  plan.mode = icmp_mode::fixed;
  plan.count = 10;
  start();
  send(0, 0ms);
  send(1, 95ms);
  send(2, 95ms);
  CAF_CHECK(waits_until(95ms, 105ms));
}

CAF_TEST(an_unanswered_probe_ends_with_no_reply_after_its_last_timeout) {
  start();
  send(0, 0ms);
  send(1, 10ms);
  send(2, 20ms);
  expire(999ms);
  CAF_CHECK(waits_until(999ms, 1000ms));
  expire(1s);
  CAF_CHECK(waits_until(1s, 1010ms));
  expire(1020ms);
  CAF_CHECK(finished(1020ms));
  const probe_verdict v = verdict();
  CAF_CHECK(!v.success);
  CAF_CHECK(v.error == probe_error::no_reply);
  CAF_CHECK_EQUAL(v.summary.sent, 3u);
  CAF_CHECK_EQUAL(v.summary.received, 0u);
  CAF_CHECK_EQUAL(v.summary.rtt.max, 0.0f);
}

CAF_TEST(some_lost_is_a_success_with_loss) {
  start();
  send(0, 0ms);
  send(1, 10ms);
  probe.reply(1, begin + 15ms);
  send(2, 15ms);
  probe.reply(2, begin + 20ms);
  CAF_CHECK(waits_until(20ms, 1s));
  expire(1s);
  CAF_CHECK(finished(1s));
  const probe_verdict v = verdict();
  CAF_CHECK(v.success);
  CAF_CHECK_EQUAL(v.summary.sent, 3u);
  CAF_CHECK_EQUAL(v.summary.received, 2u);
}

CAF_TEST(in_flight_at_the_deadline_is_neither_sent_nor_lost) {
  start(50ms);
  send(0, 0ms);
  probe.reply(0, begin + 1ms);
  send(1, 1ms);
  CAF_CHECK(waits_until(2ms, 11ms));
  send(2, 11ms);
  CAF_CHECK(waits_until(12ms, 50ms));
  CAF_CHECK(finished(50ms));
  const probe_verdict v = verdict();
  CAF_CHECK(v.success);
  CAF_CHECK_EQUAL(v.summary.sent, 1u);
  CAF_CHECK_EQUAL(v.summary.received, 1u);
}

CAF_TEST(a_timeout_as_long_as_the_deadline_still_finds_loss) {
  plan.timeout = 1s;
  start(1s);
  send(0, 1ms);
  send(1, 11ms);
  send(2, 900ms);
  CAF_CHECK(finished(1s));
  const probe_verdict v = verdict();
  CAF_CHECK(v.error == probe_error::no_reply);
  CAF_CHECK_EQUAL(v.summary.sent, 2u);
  CAF_CHECK_EQUAL(v.summary.received, 0u);
}

CAF_TEST(what_left_just_before_the_deadline_says_nothing_of_the_target) {
  start(15s);
  send(0, 14900ms);
  CAF_CHECK(finished(15s));
  const probe_verdict v = verdict();
  CAF_CHECK(v.error == probe_error::local_overload);
  CAF_CHECK_EQUAL(v.summary.sent, 0u);
}

CAF_TEST(the_timeout_counts_from_the_real_sending) {
  start();
  CAF_CHECK(probe.next(begin).what == kind::send);
  // It waits for room in the socket meanwhile; nothing else is due.
  CAF_CHECK(waits_until(500ms, 15s));
  expire(2s);
  probe.sent(begin + 2s);
  CAF_CHECK(probe.reply(0, begin + 2900ms) == reply_kind::counted);
  CAF_CHECK_EQUAL(verdict().summary.rtt.max, 900.0f);
}

CAF_TEST(what_could_not_be_sent_at_all_is_our_own_overload) {
  start(1s);
  CAF_CHECK(probe.next(begin).what == kind::send);
  CAF_CHECK(finished(1s));
  const probe_verdict v = verdict();
  CAF_CHECK(v.error == probe_error::local_overload);
  CAF_CHECK_EQUAL(v.summary.sent, 0u);
}

CAF_TEST(percentiles_are_nearest_ranks) {
  plan.count = 10;
  plan.mode = icmp_mode::fixed;
  start();
  for (std::uint32_t i = 0; i < 10; ++i) {
    send(i, i * 10ms);
    probe.reply(i, begin + i * 10ms + milliseconds{10 - i});
  }
  const auto rtt = verdict().summary.rtt;
  CAF_CHECK_EQUAL(rtt.p50, 5.0f);
  CAF_CHECK_EQUAL(rtt.p90, 9.0f);
  CAF_CHECK_EQUAL(rtt.p99, 10.0f);
}

CAF_TEST(jitter_is_that_of_rfc_3550) {
  plan.count = 4;
  plan.mode = icmp_mode::fixed;
  start();
  const std::array<nanoseconds, 4> rtts{10ms, 26ms, 0ms, 10ms};
  for (std::uint32_t i = 0; i < 4; ++i) {
    send(i, i * 10ms);
    if (i != 2) {
      probe.reply(i, begin + i * 10ms + rtts[i]);
    }
  }
  // The lost echo is passed over: 16 / 16, then (16 - 1) / 16 more.
  CAF_CHECK_EQUAL(verdict().summary.rtt.jitter, 1.9375f);
}

CAF_TEST(inexact_times_are_left_out_where_there_are_others) {
  start();
  send(0, 0ms);
  probe.reply(0, begin + 1ms);
  CAF_REQUIRE(probe.next(begin + 1ms).what == kind::send);
  probe.sent(begin + 1ms, false);
  probe.reply(1, begin + 41ms);
  send(2, 41ms);
  probe.reply(2, begin + 44ms);
  auto v = verdict();
  CAF_CHECK_EQUAL(v.summary.received, 3u);
  CAF_CHECK_EQUAL(v.summary.rtt.max, 3.0f);
  CAF_CHECK_EQUAL(v.summary.rtt.mean, 2.0f);
  CAF_CHECK(!v.summary.rtt_inexact);
  plan.count = 1;
  start();
  CAF_REQUIRE(probe.next(begin).what == kind::send);
  probe.sent(begin, false);
  probe.reply(0, begin + 40ms);
  v = verdict();
  CAF_CHECK_EQUAL(v.summary.rtt.mean, 40.0f);
  CAF_CHECK(v.summary.rtt_inexact);
}

CAF_TEST(an_answer_behind_a_later_echos_answer_is_reordered) {
  plan.mode = icmp_mode::fixed;
  start();
  send(0, 0ms);
  send(1, 10ms);
  send(2, 20ms);
  probe.reply(1, begin + 21ms);
  probe.reply(0, begin + 22ms);
  probe.reply(0, begin + 23ms);
  probe.reply(2, begin + 24ms);
  const auto v = verdict();
  CAF_CHECK_EQUAL(v.summary.reordered, 1u);
  CAF_CHECK_EQUAL(v.summary.duplicates, 1u);
  CAF_CHECK_EQUAL(v.summary.received, 3u);
  start();
  send(0, 0ms);
  probe.reply(0, begin + 1ms);
  CAF_CHECK_EQUAL(verdict().summary.reordered, 0u);
}

CAF_TEST(duplicates_are_not_replies) {
  start();
  send(0, 0ms);
  CAF_CHECK(probe.reply(0, begin + 1ms) == reply_kind::counted);
  CAF_CHECK(probe.reply(0, begin + 2ms) == reply_kind::duplicate);
  CAF_CHECK(probe.reply(0, begin + 5s) == reply_kind::duplicate);
  const probe_verdict v = verdict();
  CAF_CHECK_EQUAL(v.summary.received, 1u);
  CAF_CHECK_EQUAL(v.summary.duplicates, 2u);
  CAF_CHECK_EQUAL(v.summary.rtt.max, 1.0f);
}

CAF_TEST(late_replies_are_not_replies) {
  start();
  send(0, 0ms);
  send(1, 10ms);
  expire(1s);
  CAF_CHECK(probe.reply(0, begin + 1100ms) == reply_kind::late);
  // Known as late by its stamp, though nothing has expired it yet.
  CAF_CHECK(probe.reply(1, begin + 1011ms) == reply_kind::late);
  const probe_verdict v = verdict();
  CAF_CHECK_EQUAL(v.summary.sent, 2u);
  CAF_CHECK_EQUAL(v.summary.received, 0u);
  CAF_CHECK_EQUAL(v.summary.late, 2u);
}

CAF_TEST(a_reply_in_time_by_its_stamp_counts_however_late_it_is_read) {
  start();
  send(0, 0ms);
  // The thread slept for three seconds; the reply lay in the socket since one millisecond.
  CAF_CHECK(probe.reply(0, begin + 1ms) == reply_kind::counted);
  expire(3s);
  CAF_CHECK_EQUAL(verdict().summary.received, 1u);
}

CAF_TEST(a_reply_to_what_was_never_sent_is_unexpected) {
  start();
  CAF_CHECK(probe.reply(0, begin) == reply_kind::unexpected);
  send(0, 0ms);
  CAF_CHECK(probe.reply(1, begin) == reply_kind::unexpected);
  CAF_CHECK(!probe.icmp_error(7, probe_error::unreachable));
}

CAF_TEST(a_round_trip_is_never_negative) {
  start();
  send(0, 1ms);
  CAF_CHECK(probe.reply(0, begin) == reply_kind::counted);
  CAF_CHECK_EQUAL(verdict().summary.rtt.min, 0.0f);
}

CAF_TEST(an_icmp_error_ends_an_unanswered_probe_at_once) {
  start();
  send(0, 0ms);
  CAF_CHECK(probe.icmp_error(0, probe_error::unreachable));
  CAF_CHECK(finished(1ms));
  const probe_verdict v = verdict();
  CAF_CHECK(!v.success);
  CAF_CHECK(v.error == probe_error::unreachable);
  CAF_CHECK_EQUAL(v.summary.sent, 1u);
  CAF_CHECK(!probe.icmp_error(0, probe_error::unreachable));
}

CAF_TEST(what is in flight at an icmp error is waited for and counted) {
  start();
  send(0, 0ms);
  send(1, 10ms);
  CAF_CHECK(probe.icmp_error(0, probe_error::unreachable));
  CAF_CHECK(waits_until(11ms, 1010ms)); // no third one is sent
  CAF_CHECK(waits_until(20ms, 1010ms));
  CAF_CHECK(probe.icmp_error(1, probe_error::unreachable));
  CAF_CHECK(finished(21ms));
  CAF_CHECK_EQUAL(verdict().summary.sent, 2u);
  CAF_CHECK(verdict().error == probe_error::unreachable);
}

CAF_TEST(what is in flight at an icmp error is lost at its timeout) {
  start();
  send(0, 0ms);
  send(1, 10ms);
  CAF_CHECK(probe.icmp_error(0, probe_error::unreachable));
  expire(1010ms);
  CAF_CHECK(finished(1010ms));
  CAF_CHECK_EQUAL(verdict().summary.sent, 2u);
  CAF_CHECK(verdict().error == probe_error::unreachable);
}

CAF_TEST(an echo that is being sent at an icmp error is counted) {
  start();
  send(0, 0ms);
  CAF_REQUIRE(probe.next(begin + 10ms).what == kind::send);
  CAF_CHECK(probe.icmp_error(0, probe_error::unreachable));
  CAF_CHECK(waits_until(11ms, 15s));
  probe.sent(begin + 12ms);
  CAF_CHECK(waits_until(12ms, 1012ms));
  CAF_CHECK(probe.icmp_error(1, probe_error::unreachable));
  CAF_CHECK(finished(13ms));
  CAF_CHECK_EQUAL(verdict().summary.sent, 2u);
}

CAF_TEST(an answer behind an icmp error lets the probe go on) {
  start();
  send(0, 0ms);
  send(1, 10ms);
  CAF_CHECK(probe.icmp_error(0, probe_error::unreachable));
  CAF_CHECK(probe.reply(1, begin + 15ms) == reply_kind::counted);
  send(2, 15ms);
  CAF_CHECK(probe.reply(2, begin + 20ms) == reply_kind::counted);
  CAF_CHECK(finished(20ms));
  const probe_verdict v = verdict();
  CAF_CHECK(v.success);
  CAF_CHECK(v.error == probe_error::none);
  CAF_CHECK_EQUAL(v.summary.sent, 3u);
  CAF_CHECK_EQUAL(v.summary.received, 2u);
}

CAF_TEST(what is in flight when a send is refused is waited for) {
  start();
  send(0, 0ms);
  CAF_REQUIRE(probe.next(begin + 10ms).what == kind::send);
  probe.send_failed();
  CAF_CHECK(waits_until(11ms, 1000ms));
  CAF_CHECK(probe.reply(0, begin + 30ms) == reply_kind::counted);
  CAF_CHECK(finished(30ms)); // nothing more is sent
  CAF_CHECK(verdict().success);
  CAF_CHECK_EQUAL(verdict().summary.sent, 1u);
}

CAF_TEST(after_an_answer_an_icmp_error_is_a_lost_echo) {
  start();
  send(0, 0ms);
  probe.reply(0, begin + 1ms);
  send(1, 1ms);
  CAF_CHECK(probe.icmp_error(1, probe_error::ttl_exceeded));
  send(2, 2ms);
  probe.reply(2, begin + 3ms);
  CAF_CHECK(finished(3ms));
  const probe_verdict v = verdict();
  CAF_CHECK(v.success);
  CAF_CHECK(v.error == probe_error::none);
  CAF_CHECK_EQUAL(v.summary.sent, 3u);
  CAF_CHECK_EQUAL(v.summary.received, 2u);
}

CAF_TEST(a_refused_send_ends_the_probe_without_loss) {
  start();
  CAF_CHECK(probe.next(begin).what == kind::send);
  probe.send_failed();
  CAF_CHECK(finished(0ms));
  CAF_CHECK(verdict().error == probe_error::local_send);
  CAF_CHECK_EQUAL(verdict().summary.sent, 0u);
}

CAF_TEST(echoes_sent_before_an_overflow_are_unknown_not_lost) {
  start();
  send(0, 0ms);
  send(1, 10ms);
  send(2, 20ms);
  const monotonic_time overflow = begin + 15ms;
  expire(2s, overflow);
  CAF_CHECK(finished(2s));
  const probe_verdict v = verdict();
  CAF_CHECK_EQUAL(v.summary.sent, 1u);
  CAF_CHECK(v.error == probe_error::no_reply);
}

CAF_TEST(nothing_known_after_an_overflow_is_our_own_fault) {
  start();
  send(0, 0ms);
  send(1, 10ms);
  send(2, 20ms);
  expire(2s, begin + 30ms);
  const probe_verdict v = verdict();
  CAF_CHECK(v.error == probe_error::local_overload);
  CAF_CHECK_EQUAL(v.summary.sent, 0u);
}

CAF_TEST(a_probe_object_starts_afresh) {
  start();
  send(0, 0ms);
  probe.reply(0, begin + 1ms);
  probe.icmp_error(0, probe_error::unreachable);
  start();
  CAF_CHECK_EQUAL(probe.next_number(), 0u);
  const probe_verdict v = verdict();
  CAF_CHECK_EQUAL(v.summary.received, 0u);
  send(0, 0ms);
}

CAF_TEST(an echo that was too big for the path is sent again) {
  plan.count = 1;
  start();
  send(0, 0ms);
  CAF_CHECK(probe.too_big(0));
  CAF_CHECK(!probe.too_big(0));
  CAF_CHECK(!probe.too_big(1));
  send(1, 1ms);
  CAF_CHECK(probe.reply(1, begin + 2ms) == reply_kind::counted);
  CAF_CHECK(finished(2ms));
  const probe_verdict v = verdict();
  CAF_CHECK(v.success);
  CAF_CHECK_EQUAL(v.summary.sent, 1u);
  CAF_CHECK_EQUAL(v.summary.received, 1u);
}

CAF_TEST(a path that calls everything too big loses what is sent) {
  plan.count = 1;
  start();
  send(0, 0ms);
  CAF_CHECK(probe.too_big(0));
  send(1, 1ms);
  CAF_CHECK(probe.too_big(1));
  send(2, 2ms);
  CAF_CHECK(!probe.too_big(2));
  expire(1002ms);
  CAF_CHECK(finished(1002ms));
  CAF_CHECK_EQUAL(verdict().error, probe_error::no_reply);
  CAF_CHECK_EQUAL(verdict().summary.sent, 1u);
}

CAF_TEST(silence behind an echo that was too big is the targets) {
  // As /probe asks: one echo, which may take as long as the probe.
  plan = {1, icmp_mode::adaptive, 10ms, 10s};
  start(10s);
  send(0, 0ms);
  CAF_CHECK(probe.too_big(0));
  send(1, 1ms);
  CAF_CHECK(finished(10s));
  CAF_CHECK_EQUAL(verdict().error, probe_error::no_reply);
}

CAF_TEST(an echo that stayed here is nobodys loss and has another one in its place) {
  plan.count = 1;
  start();
  send(0, 0ms);
  CAF_CHECK(probe.stayed(0));
  CAF_CHECK(!probe.stayed(0));
  CAF_CHECK(!probe.stayed(1));
  send(1, 1ms);
  // What was too big is counted by itself.
  CAF_CHECK(probe.too_big(1));
  send(2, 2ms);
  CAF_CHECK(probe.too_big(2));
  send(3, 3ms);
  CAF_CHECK(!probe.too_big(3));
  CAF_CHECK(probe.reply(3, begin + 4ms) == reply_kind::counted);
  CAF_CHECK(finished(4ms));
  CAF_CHECK(verdict().summary.sent == 1u);
  CAF_CHECK_EQUAL(probe.tried(), 1u);
}

CAF_TEST(what stayed here takes no turn from a fixed cadence) {
  plan = {3, icmp_mode::fixed, 5s, 1s};
  start();
  send(0, 0ms);
  CAF_CHECK(probe.stayed(0));
  send(1, 1500ms);
  CAF_CHECK(probe.reply(1, begin + 1501ms) == reply_kind::counted);
  CAF_CHECK(waits_until(1501ms, 5s));
  send(2, 5s);
}

CAF_TEST(the_largest_count_works) {
  plan = {65535, icmp_mode::adaptive, 10ms, 1s};
  start(1h);
  for (std::uint32_t i = 0; i < plan.count; ++i) {
    const auto at = std::chrono::microseconds(100 * i);
    send(i, at);
    CAF_REQUIRE(probe.reply(i, begin + at + std::chrono::nanoseconds(i)) == reply_kind::counted);
  }
  CAF_CHECK(finished(10s));
  const probe_verdict v = verdict();
  CAF_CHECK_EQUAL(v.summary.received, 65535u);
  CAF_CHECK_EQUAL(v.summary.rtt.max, static_cast<float>(65534e-6));
  CAF_CHECK_EQUAL(v.summary.rtt.p50, static_cast<float>(32767e-6));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace echo_probe_suite
