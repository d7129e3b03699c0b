#define CAF_SUITE history

#include "xprober/domain/history/history.hpp"

#include "support/toy_kinds.hpp"
#include "xprober/domain/clock_skew.hpp"
#include "xprober/domain/kind_table.hpp"

#include "caf/test/unit_test.hpp"

namespace history_suite {

using namespace xprober;

namespace {

constexpr std::int64_t now = 1'700'000'100;
constexpr history_retention kept{6 * 3600, 7 * 86'400, 90 * 86'400};

measured_probe probe() {
  measured_probe out;
  out.success = true;
  return out;
}

} // namespace

CAF_TEST(buckets begin on multiples of their length) {
  CAF_CHECK_EQUAL(bucket_start(29, 15), 15);
  CAF_CHECK_EQUAL(bucket_start(30, 15), 30);
  CAF_CHECK_EQUAL(bucket_start(-1, 15), -15);
}

CAF_TEST(retention comes from the configuration) {
  CAF_CHECK(retention_of(history_config{}) == kept);
}

CAF_TEST(without a step the finest level that covers the range is taken) {
  auto plan = plan_history({now - 3600, now, 0}, kept, now);
  CAF_CHECK_EQUAL(plan.level, 0u);
  CAF_CHECK_EQUAL(plan.step, 15);
  CAF_CHECK_LESS_OR_EQUAL(plan.from, now - 3600);
  CAF_CHECK_GREATER_OR_EQUAL(plan.to, now);
  plan = plan_history({now - 86'400, now, 0}, kept, now);
  CAF_CHECK_EQUAL(plan.level, 1u);
  CAF_CHECK_EQUAL(plan.step, 60);
  plan = plan_history({now - 30 * 86'400, now, 0}, kept, now);
  CAF_CHECK_EQUAL(plan.level, 2u);
  CAF_CHECK_EQUAL(plan.step, 600);
}

CAF_TEST(a moment is a minute of the finest level that has it) {
  auto plan = plan_moment(now - 100, kept, now); // 1'700'000'000
  CAF_CHECK_EQUAL(plan.level, 0u);
  CAF_CHECK_EQUAL(plan.from, 1'699'999'950);
  CAF_CHECK_EQUAL(plan.to, 1'700'000'010);
  plan = plan_moment(now - 86'400, kept, now);
  CAF_CHECK_EQUAL(plan.level, 1u);
  CAF_CHECK_EQUAL(plan.to - plan.from, 60);
  plan = plan_moment(now - 30 * 86'400, kept, now);
  CAF_CHECK_EQUAL(plan.level, 2u);
  CAF_CHECK_EQUAL(plan.to - plan.from, 600);
  CAF_CHECK(plan_moment(now + 30, kept, now).problem.empty());
  CAF_CHECK(plan_moment(now + 61, kept, now).problem == "at lies in the future");
  CAF_CHECK(!plan_moment(now - 91 * 86'400, kept, now).problem.empty());
}

CAF_TEST(what is usual is looked for in the week before) {
  const auto all = usual_moments(now, 100);
  CAF_CHECK_EQUAL(all.size(), 31u);
  CAF_CHECK_EQUAL(all.front(), now - 3600);
  CAF_CHECK_EQUAL(all.back(), now - 7 * 86'400);
  const auto some = usual_moments(now, 4);
  CAF_REQUIRE_EQUAL(some.size(), 4u);
  CAF_CHECK_EQUAL(some.front(), now - 3600);
  CAF_CHECK(some.back() < now - 4 * 86'400);
  CAF_CHECK(usual_moments(now, 0).empty());
}

CAF_TEST(without a step no answer is too long) {
  // A week fits the retention of a minute, but would have 10,080 points.
  auto plan = plan_history({now - 7 * 86'400, now, 0}, kept, now);
  CAF_CHECK_EQUAL(plan.level, 2u);
  plan = plan_history({now - 90 * 86'400, now, 0}, kept, now);
  CAF_CHECK_EQUAL(plan.level, 2u);
  CAF_CHECK_EQUAL(plan.step, 1800);
  CAF_CHECK_LESS_OR_EQUAL((plan.to - plan.from) / plan.step, max_history_points);
  CAF_CHECK(plan.problem.empty());
}

CAF_TEST(with a step the coarsest level that divides it is taken) {
  CAF_CHECK_EQUAL(plan_history({now - 3600, now, 15}, kept, now).level, 0u);
  CAF_CHECK_EQUAL(plan_history({now - 3600, now, 90}, kept, now).level, 0u);
  CAF_CHECK_EQUAL(plan_history({now - 3600, now, 120}, kept, now).level, 1u);
  const auto plan = plan_history({now - 3600, now, 3600}, kept, now);
  CAF_CHECK_EQUAL(plan.level, 2u);
  CAF_CHECK_EQUAL(plan.step, 3600);
}

CAF_TEST(a step that is not kept any more becomes the finest that is) {
  auto plan = plan_history({now - 2 * 86'400, now - 86'400, 15}, kept, now);
  CAF_CHECK_EQUAL(plan.level, 1u);
  CAF_CHECK_EQUAL(plan.step, 60);
  plan = plan_history({now - 2 * 86'400, now - 86'400, 90}, kept, now);
  CAF_CHECK_EQUAL(plan.level, 1u);
  CAF_CHECK_EQUAL(plan.step, 120);
}

CAF_TEST(a step with too many points is refused with one that is allowed) {
  const auto plan = plan_history({now - 7 * 86'400, now, 60}, kept, now);
  CAF_CHECK(plan.problem.find("allowed are 5000") != std::string::npos);
  CAF_CHECK(plan.problem.find("a step of at least 120s") != std::string::npos);
}

CAF_TEST(the buffer rolls up to every level) {
  rollup_buffer buffer;
  buffer.bucket(1200)[1].add(probe());
  buffer.bucket(1214)[1].add(probe());
  buffer.bucket(1215)[1].add(probe());
  buffer.bucket(1260)[1].add(probe());
  buffer.bucket(1215)[2].add(probe());
  CAF_CHECK_EQUAL(buffer.size(), 4u);
  const auto fine = buffer.rolled_up(0, 0);
  CAF_CHECK_EQUAL(fine.size(), 4u);
  CAF_CHECK_EQUAL(fine.at({1200, 1}).probes, 2u);
  const auto minutes = buffer.rolled_up(1, 0);
  CAF_CHECK_EQUAL(minutes.size(), 3u);
  CAF_CHECK_EQUAL(minutes.at({1200, 1}).probes, 3u);
  CAF_CHECK(buffer.rolled_up(2, 0).at({1200, 1}).probes == 4u);
  CAF_CHECK_EQUAL(buffer.rolled_up(0, 1230).size(), 1u);
  std::map<std::int64_t, rollup> found;
  buffer.merge_into(found, 1, 1, 1200, 1260);
  CAF_REQUIRE_EQUAL(found.size(), 1u);
  CAF_CHECK_EQUAL(found.at(1200).probes, 3u);
  buffer.clear();
  CAF_CHECK(buffer.empty());
}

CAF_TEST(phases have the names of their columns) {
  CAF_CHECK_EQUAL(phase_names(kinds::icmp()), "");
  CAF_CHECK_EQUAL(phase_names(kinds::http()), "resolve,connect,tls,processing,transfer");
  CAF_CHECK_EQUAL(phase_names(samples::toy()), "wind,spin");
  CAF_CHECK((split_phase_names("wind,spin") == std::vector<std::string>{"wind", "spin"}));
  CAF_CHECK((split_phase_names("one") == std::vector<std::string>{"one"}));
  CAF_CHECK(split_phase_names("").empty());
}

CAF_TEST(phases that are called otherwise find their places by name) {
  measured_probe measured;
  measured.phases = 2;
  measured.phases_ms.set(0, 1.0F);
  measured.phases_ms.set(1, 2.0F);
  rollup values;
  values.add(measured);
  std::vector<std::string> wanted{"spin", "rest"};
  auto moved = with_phases(values, {"wind", "spin"}, wanted);
  CAF_CHECK((wanted == std::vector<std::string>{"spin", "rest", "wind"}));
  CAF_REQUIRE_EQUAL(moved.phases_ms.size(), 3u);
  CAF_CHECK(moved.phases_ms[0].mean() == 2.0);
  CAF_CHECK(!moved.phases_ms[1].mean());
  CAF_CHECK(moved.phases_ms[2].mean() == 1.0);
  CAF_CHECK(with_phases(moved, wanted, wanted) == moved);
  // Names of a roll-up without a phase that was measured are told all the same.
  std::vector<std::string> none;
  with_phases(rollup{}, {"wind"}, none);
  CAF_CHECK((none == std::vector<std::string>{"wind"}));
}

CAF_TEST(a skew is what the fastest batch of the last minutes says) {
  clock_skew skew;
  CAF_CHECK(!skew.known());
  CAF_CHECK_EQUAL(skew.ms(), 0);
  skew.add(3'600'000 + 1'000'000 - 80, 1'000'000);
  CAF_CHECK_EQUAL(skew.ms(), 3'599'920);
  skew.add(3'600'000 + 1'001'000 - 5, 1'001'000);
  skew.add(3'600'000 + 1'002'000 - 30'000, 1'002'000); // held up
  CAF_CHECK_EQUAL(skew.ms(), 3'599'995);
}

CAF_TEST(a skew that is a little smaller counts after two windows) {
  clock_skew skew;
  skew.add(900, 0);
  skew.add(clock_skew::window_ms + 1, clock_skew::window_ms + 1);
  CAF_CHECK_EQUAL(skew.ms(), 900);
  skew.add(0, 10); // read again: it changes nothing
  skew.add(2 * clock_skew::window_ms, 2 * clock_skew::window_ms);
  CAF_CHECK_EQUAL(skew.ms(), 0);
}

CAF_TEST(a clock that is set back is believed after a minute) {
  for (const std::int64_t back : {1500, 300'000, 3'600'000, 86'400'000}) {
    clock_skew skew;
    std::int64_t now = 1'000'000;
    const auto pass_minute = [&](std::int64_t off) {
      for (int i = 0; i < 6; ++i) {
        now += 10'000;
        skew.add(now + off - 20 * (i % 3 + 1), now);
      }
    };
    pass_minute(0);
    CAF_CHECK_EQUAL(skew.ms(), -20);
    pass_minute(-back);
    CAF_CHECK_EQUAL(skew.ms(), -20);
    now += 10'000;
    skew.add(now - back - 40, now);
    CAF_CHECK_EQUAL(skew.ms(), -back - 20);
    pass_minute(0);
    CAF_CHECK_EQUAL(skew.ms(), -20);
  }
}

CAF_TEST(what lay in a buffer while this server stood still changes nothing) {
  clock_skew skew;
  skew.add(1'000'000, 1'000'000);
  const std::int64_t awake = 1'000'000 + 660'000;
  for (int i = 1; i <= 5; ++i) {
    skew.add(1'000'000 + i, awake + i);
    CAF_CHECK_EQUAL(skew.ms(), 0);
  }
  skew.add(awake + 30'000, awake + 30'000);
  CAF_MESSAGE("a batch that is late now and then says nothing either");
  skew.add(awake + 60'000, awake + 90'000);
  skew.add(awake + 95'000, awake + 95'000);
  skew.add(awake + 120'000, awake + 150'000);
  skew.add(awake + 125'000, awake + 155'000);
  CAF_CHECK_EQUAL(skew.ms(), 0);
}

CAF_TEST(two low samples are too few however far apart they are) {
  clock_skew skew;
  skew.add(1'000'000, 1'000'000);
  skew.add(970'000, 1'010'000);
  skew.add(1'040'000, 1'080'000);
  CAF_CHECK_EQUAL(skew.ms(), 0);
  skew.add(1'050'000, 1'090'000);
  CAF_CHECK_EQUAL(skew.ms(), -40'000);
}

CAF_TEST(absurd stamps do not overflow) {
  clock_skew skew;
  skew.add(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max() / 2);
  skew.add(std::numeric_limits<std::int64_t>::max(), 0);
  CAF_CHECK(skew.known());
}

CAF_TEST(series of single targets come last and those of one stand together) {
  const history_subject pair{"icmp", result_group::pair, "us", "eu"};
  const history_subject url{"http", result_group::address, "us", "http://a/"};
  const history_subject one{"icmp", result_group::pair, "us", "01", true};
  const history_subject same{"icmp", result_group::pair, "eu", "01", true};
  const history_subject other{"http", result_group::address, "us", "02", true};
  CAF_CHECK(pair < one && url < one && pair < other);
  CAF_CHECK(url < pair);
  CAF_CHECK(same < one);
  CAF_CHECK(one < other && same < other);
  CAF_CHECK(one != same);
  CAF_CHECK((pair <=> pair) == std::strong_ordering::equal);
}

CAF_TEST(where there are several answers each has fewer points) {
  const auto plan = plan_history({now - 6 * 3600, now, 0}, kept, now, 300);
  CAF_CHECK_EQUAL(plan.step, 600);
  CAF_CHECK(plan_history({now - 3600, now, 15}, kept, now, 100).problem.find("100") !=
            std::string::npos);
}

} // namespace history_suite
