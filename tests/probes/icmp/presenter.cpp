#define CAF_SUITE presenter

#include "xprober/probes/icmp/presenter.hpp"

#include "support/shown.hpp"
#include "xprober/domain/kind_table.hpp"
#include "xprober/probes/icmp/summary.hpp"

#include "caf/test/unit_test.hpp"

namespace presenter_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

const icmp::presenter show;

icmp_summary answered() {
  icmp_summary s;
  s.sent = 4;
  s.received = 3;
  s.rtt = {.min = 1, .mean = 1.5F, .max = 2, .stddev = 0.5F, .p50 = 1.25F, .p99 = 2, .p90 = 2};
  s.reply_ttl = 63;
  return s;
}

probe_outcome outcome_of(const icmp_summary& summary, probe_error error = probe_error::none) {
  probe_outcome outcome;
  outcome.error = error;
  outcome.success = error == probe_error::none;
  write_summary(summary, outcome);
  return outcome;
}

} // namespace

CAF_TEST(what was written is read) {
  auto s = answered();
  s.duplicates = 2;
  auto got = icmp::read_summary(outcome_of(s));
  CAF_CHECK_EQUAL(got.sent, 4u);
  CAF_CHECK_EQUAL(got.received, 3u);
  CAF_CHECK(got.rtt == s.rtt);
  CAF_CHECK_EQUAL(got.duplicates, 2u);
  CAF_CHECK_EQUAL(got.reply_ttl, 63);
  // Any share of the most echoes that a probe can have.
  s.sent = 65535;
  for (s.received = 1; s.received < s.sent; s.received += 7) {
    CAF_REQUIRE_EQUAL(icmp::read_summary(outcome_of(s)).received, s.received);
  }
}

CAF_TEST(a probe like most costs no details) {
  CAF_CHECK(outcome_of(answered()).details == nullptr);
  CAF_CHECK(!outcome_of(answered()).values.has(kinds::icmp_column::late));
  auto odd = answered();
  odd.rtt_inexact = true;
  odd.errors.push_back({3, 1, 2, "host unreachable", "192.0.2.1"});
  const auto outcome = outcome_of(odd);
  CAF_REQUIRE(outcome.details);
  CAF_CHECK(icmp::read_summary(outcome).rtt_inexact);
  CAF_CHECK(icmp::read_summary(outcome).errors == odd.errors);
}

CAF_TEST(own faults have no loss and what was not answered has all) {
  icmp_summary none;
  CAF_CHECK(!outcome_of(none, probe_error::local_overload).values.has(kinds::icmp_column::loss));
  CAF_CHECK(!outcome_of(none, probe_error::shutdown).values.has(kinds::icmp_column::loss));
  none.sent = 3;
  const auto silent = outcome_of(none, probe_error::no_reply);
  CAF_CHECK(silent.values.number(kinds::icmp_column::loss) == 100.F);
  CAF_CHECK(!silent.values.has(kinds::icmp_column::latency));
}

CAF_TEST(what was counted until an interruption is told) {
  const auto got = icmp::read_summary(outcome_of(answered(), probe_error::shutdown));
  CAF_CHECK_EQUAL(got.sent, 4u);
  CAF_CHECK_EQUAL(got.received, 3u);
  CAF_CHECK(got.rtt == answered().rtt);
}

CAF_TEST(facts) {
  auto s = answered();
  s.errors.push_back({3, 1, 2, "host unreachable", "192.0.2.1"});
  CAF_CHECK_EQUAL(shown::facts(show, outcome_of(s)),
                  "sent 4; received 3; loss_percent 25; duplicates 0; late 0; reordered 0; "
                  "reply_ttl 63; receive_overflow false; rtt_inexact false; icmp_errors [ { type "
                  "3; code 1; text host unreachable; router 192.0.2.1; count 2; } ] rtt_ms { min "
                  "1; avg 1.5; p50 1.25; p90 2; p99 2; max 2; stddev 0.5; jitter 0; } ");
  CAF_CHECK_EQUAL(shown::facts(show, probe_outcome{}),
                  "sent 0; received 0; loss_percent -; duplicates 0; late 0; reordered 0; "
                  "reply_ttl -; receive_overflow false; rtt_inexact false; icmp_errors [ ] rtt_ms "
                  "null; ");
}

CAF_TEST(gauges) {
  probe_story story;
  story.first_address = "192.0.2.1";
  story.resolve = 2ms;
  auto more = std::make_shared<icmp_story>();
  more->setup = 1ms;
  story.more = more;
  CAF_CHECK_EQUAL(shown::gauges(show, outcome_of(answered()), story),
                  "probe_icmp_duration_seconds{phase=resolve} 0.002\n"
                  "probe_icmp_duration_seconds{phase=rtt} 0.0015\n"
                  "probe_icmp_duration_seconds{phase=setup} 0.001\n"
                  "probe_icmp_reply_hop_limit 63\n"
                  "xprober_probe_icmp_loss_ratio 0.25\n"
                  "xprober_probe_icmp_echoes 4\n");
  CAF_CHECK_EQUAL(shown::gauges(show, probe_outcome{}), "xprober_probe_icmp_echoes 0\n");
}

CAF_TEST(a line for tables and no phase that failed) {
  CAF_CHECK_EQUAL(show.summary(outcome_of(answered())),
                  "rtt 1.500 ms, loss 25.0 %, 3 of 4 answered");
  CAF_CHECK_EQUAL(show.failed_phase(outcome_of({}, probe_error::no_reply)), "");
}

} // namespace presenter_suite
