#define CAF_SUITE batch_intake

#include "xprober/actors/server/batch_intake.hpp"

#include <string>
#include <vector>

#include "support/old_names.hpp"
#include "support/samples.hpp"

#include "caf/test/unit_test.hpp"

namespace batch_intake_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t noon = 1'767'268'800'000;
const monotonic_time t0{1h};

target_universe universe_of(const std::vector<std::string>& addresses) {
  target_entry entry;
  entry.prober_type = "icmp";
  entry.region = "cn-north"; // as that of samples::target
  entry.target = addresses;
  return {expand_targets({entry}, 1000).catalog, {}};
}

std::string batch(const std::string& agent, int first, int results, std::uint64_t sequence = 1) {
  batch_encoder encoder{{"cn-south", agent}};
  for (int i = first; i < first + results; ++i) {
    auto outcome = samples::success();
    outcome.started = wall_time{milliseconds{noon}};
    encoder.add(*samples::result(
        samples::target(static_cast<target_index>(i), "10.0.0." + std::to_string(i)), outcome));
  }
  return encoder.finish({}, sequence, noon);
}

wire_value value(const std::string& address, std::int64_t unix_seconds) {
  return {"10.1.1.1",   std::string{old_names::ping_success},
          address,      "cn-south",
          "cn-north",   "icmp",
          unix_seconds, 1};
}

struct fixture {
  batch_intake intake;
  limits_config limits;
  std::string body;

  void set() { intake.set_limits(limits); }

  batch_findings check(const std::string& bytes, monotonic_time now = t0) {
    batch_header header;
    CAF_REQUIRE_EQUAL(read_batch_header(bytes, header), "");
    return intake.check(
        bytes, header, body, [](const agent_identity&) { return row_clock{noon, 0}; }, now);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(batch_intake_tests, fixture)

CAF_TEST(an agent has so many series and leaves room for another) {
  limits.series = 5;
  limits.agent_series = 3;
  set();
  auto found = check(batch("10.1.1.1", 0, 10));
  CAF_CHECK((found.verdict == storage::verdict{3, 7}));
  CAF_CHECK_EQUAL(found.fates[static_cast<std::size_t>(row_fate::too_many_of_agent)], 7u);
  CAF_CHECK(found.errors.at(0).find("limits.agent_series") != std::string::npos);
  CAF_CHECK((check(batch("10.1.1.2", 0, 2)).verdict == storage::verdict{2, 0}));
  found = check(batch("10.1.1.3", 0, 2));
  CAF_CHECK((found.verdict == storage::verdict{0, 2}));
  CAF_CHECK(found.errors.at(0).find("limits.series") != std::string::npos);
  CAF_CHECK_EQUAL(intake.series(), 5u);
  CAF_MESSAGE("those that are known go on");
  CAF_CHECK((check(batch("10.1.1.1", 0, 3)).verdict == storage::verdict{3, 0}));
}

CAF_TEST(series without results make room) {
  limits.agent_series = 3;
  set();
  intake.set_series_time(1h);
  check(batch("10.1.1.1", 0, 3));
  CAF_CHECK((check(batch("10.1.1.1", 5, 1), t0 + 1h).verdict == storage::verdict{0, 1}));
  CAF_CHECK((check(batch("10.1.1.1", 5, 1), t0 + 2h).verdict == storage::verdict{1, 0}));
}

CAF_TEST(what was taken before a restart counts) {
  limits.agent_series = 3;
  set();
  std::string old;
  CAF_REQUIRE_EQUAL(read_batch_body(batch("10.1.1.1", 0, 10), old), "");
  CAF_CHECK_EQUAL(intake.check_again(old, 10, t0), 3u);
  CAF_CHECK(batch_parser(old, 3).problem().empty());
  CAF_CHECK((check(batch("10.1.1.1", 2, 2)).verdict == storage::verdict{1, 1}));
}

CAF_TEST(an agent that sends too fast comes again and is taken) {
  limits.agent_rows_per_second = 1;
  set();
  CAF_CHECK((check(batch("10.1.1.1", 0, 60)).verdict == storage::verdict{60, 0}));
  const auto later = check(batch("10.1.1.1", 0, 60, 2)).later;
  CAF_CHECK(later.find("limits.agent_rows_per_second") != std::string::npos);
  CAF_CHECK(check(batch("10.1.1.2", 0, 1)).later.empty());
  CAF_CHECK(check(batch("10.1.1.1", 0, 60, 2), t0 + 31s).later.empty());
}

CAF_TEST(bytes have a rate of their own) {
  limits.agent_bytes_per_second = 1;
  set();
  CAF_CHECK(check(batch("10.1.1.1", 0, 60)).later.empty());
  CAF_CHECK(check(batch("10.1.1.1", 0, 1, 2)).later.find("bytes") != std::string::npos);
}

CAF_TEST(what unpacks to much costs by that) {
  limits.agent_bytes_per_second = 3000;
  set();
  batch_header header;
  const auto small = batch("10.1.1.1", 0, 1);
  CAF_REQUIRE_EQUAL(read_batch_header(small, header), "");
  std::string unpacked;
  CAF_REQUIRE_EQUAL(read_batch_body(small, unpacked), "");
  const auto bomb = pack_batch(header, unpacked + std::string(1'000'000, 'x'));
  CAF_CHECK(bomb.size() < 3000);
  CAF_CHECK(check(bomb).later.empty());
  // An eighth of a megabyte, and it may send 90,000 at once.
  CAF_CHECK(check(bomb).later.find("limits.agent_bytes_per_second") != std::string::npos);
  CAF_CHECK(check(small, t0 + 10s).later.find("bytes") != std::string::npos);
  CAF_CHECK(check(bomb, t0 + 12s).later.empty());
}

CAF_TEST(only targets of the list are taken once agents could come back) {
  set();
  CAF_CHECK((check(batch("10.1.1.1", 7, 2)).verdict == storage::verdict{2, 0}));
  intake.enter(universe_of({"10.0.0.1", "10.0.0.2"}), {}, t0);
  CAF_CHECK((check(batch("10.1.1.2", 9, 1), t0 + 1s).verdict == storage::verdict{1, 0}));
  const auto now = t0 + batch_intake::list_grace;
  const auto found = check(batch("10.1.1.1", 0, 20), now);
  CAF_MESSAGE("those of the list, and those that it has measured before");
  CAF_CHECK((found.verdict == storage::verdict{4, 16}));
  CAF_CHECK_EQUAL(found.fates[static_cast<std::size_t>(row_fate::not_in_list)], 16u);
  CAF_CHECK((check(batch("10.1.1.3", 9, 1), now).verdict == storage::verdict{0, 1}));
  CAF_MESSAGE("what was taken away a moment ago is welcome");
  intake.enter(universe_of({"10.0.0.2"}), {}, now);
  CAF_CHECK((check(batch("10.1.1.3", 1, 1), now).verdict == storage::verdict{1, 0}));
  limits.listed_targets_only = false;
  set();
  CAF_CHECK((check(batch("10.1.1.3", 9, 1), now).verdict == storage::verdict{1, 0}));
}

CAF_TEST(of targets that agents share each has those of its lists) {
  set();
  target_entry entry{"icmp", "cn-north", {"10.0.0.0/26"}, {}};
  entry.sharding = true;
  const target_universe universe{expand_targets({entry}, 1000).catalog, {}};
  const std::vector<agent_identity> both{{"cn-south", "10.1.1.1"}, {"cn-south", "10.1.1.2"}};
  intake.enter(universe, both, t0);
  const auto now = t0 + crew_memory::hand_over;
  const auto first = check(batch("10.1.1.1", 0, 64), now).verdict;
  const auto second = check(batch("10.1.1.2", 0, 64), now).verdict;
  CAF_CHECK(first.accepted > 16 && second.accepted > 16);
  CAF_CHECK_EQUAL(first.accepted + second.accepted, 64u);
  CAF_CHECK_EQUAL(first.rejected + second.rejected, 64u);
  CAF_MESSAGE("values of the old form, too");
  batch_intake::value_findings found;
  std::vector<wire_value> values;
  for (int i = 0; i < 64; ++i) {
    values.push_back(value("10.0.0." + std::to_string(i), noon / 1000));
    values.back().worker_name = "10.1.1.2";
  }
  const auto some = intake.check(values, noon, now, found);
  CAF_REQUIRE(some);
  CAF_CHECK_EQUAL(some->size(), second.accepted);
  CAF_MESSAGE("what nobody shares is everybody's");
  entry.sharding = false;
  intake.enter({expand_targets({entry}, 1000).catalog, {}}, both, now);
  CAF_CHECK((check(batch("10.1.1.3", 0, 64), now).verdict == storage::verdict{64, 0}));
}

CAF_TEST(values of the old form are judged one by one) {
  limits.agent_series = 2;
  limits.agent_rows_per_second = 1;
  set();
  const auto now = noon / 1000;
  batch_intake::value_findings found;
  CAF_CHECK(!intake.check({value("10.0.0.1", now), value("10.0.0.2", now - 5)}, noon, t0, found));
  CAF_CHECK_EQUAL(found.misdated, 0u);
  const auto others = intake.check({value("10.0.0.1", now), value("10.0.0.3", now),
                                    value("10.0.0.2", now + 50 * 365 * 86'400),
                                    value("10.0.0.2", 0), value("", now)},
                                   noon, t0, found);
  CAF_REQUIRE(others);
  CAF_REQUIRE_EQUAL(others->size(), 4u); // what has no target is for the store to refuse
  CAF_CHECK_EQUAL((*others)[0].target_addr, "10.0.0.1");
  CAF_CHECK_EQUAL((*others)[1].unix_seconds, now);
  CAF_CHECK_EQUAL((*others)[2].unix_seconds, 0); // without a stamp: the order of arrival is all
  CAF_CHECK_EQUAL(found.misdated, 1u);
  CAF_CHECK_EQUAL(found.fates[static_cast<std::size_t>(row_fate::too_many_of_agent)], 1u);
  CAF_CHECK_EQUAL(found.by.local_ip, "10.1.1.1");
  const std::vector<wire_value> many(100, value("10.0.0.1", now));
  const auto some = intake.check(many, noon, t0, found);
  CAF_REQUIRE(some);
  CAF_CHECK_EQUAL(some->size() + found.too_fast, 100u);
  CAF_CHECK(found.too_fast > 50);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace batch_intake_suite
