#define CAF_SUITE merge_causes

#include "support/verdict_matrices.hpp"

namespace merge_causes_suite {

using namespace matrices;

CAF_TEST(targets that begin to fail in one minute are one cause) {
  const auto world = [](std::uint32_t seconds_between) {
    auto all = addresses(2, 1000, nothing);
    for (std::uint32_t t = 0; t < 300; ++t) {
      auto failing = cell_of(1, 1);
      failing.since_s = 5000 + t * seconds_between;
      for (std::uint32_t s = 0; s < 2; ++s) {
        all.replace(s, t, cell_of(1), failing);
      }
    }
    return all;
  };
  CAF_CHECK_EQUAL(found(world(0)), names{"target together"});
  check_text(world(0), "300 targets began to fail within a minute, in 600 of 600 pairs; 0 of 700 "
                       "others are failing");
  CAF_CHECK_EQUAL(found(world(30)).size(), 300u);
}

CAF_TEST(groups that begin to fail in one minute are one cause) {
  const auto world = [](std::uint32_t failing_groups, std::uint32_t seconds_between) {
    evidence all{false};
    for (std::uint32_t t = 0; t < 400; ++t) {
      const std::uint32_t groups[] = {t / 20};
      all.set_groups(t, groups);
      const bool fails = groups[0] < failing_groups;
      auto counts = cell_of(1, fails ? 1 : 0, 3);
      counts.since_s = fails ? 5000 + groups[0] * seconds_between : 0;
      for (std::uint32_t s = 0; s < 3; ++s) {
        all.add(s, t, counts);
      }
    }
    return find_causes(all);
  };
  const auto one = world(1, 0);
  CAF_REQUIRE_EQUAL(one.causes.size(), 1u);
  CAF_CHECK(one.causes[0].scope == cause_scope::group);
  const auto two = world(2, 0);
  CAF_REQUIRE_EQUAL(two.causes.size(), 1u);
  CAF_CHECK(two.causes[0].scope == cause_scope::together);
  CAF_CHECK_EQUAL(two.causes[0].targets.size(), 40u);
  CAF_CHECK_EQUAL(world(2, 600).causes.size(), 2u);
}

CAF_TEST(pairs that begin to fail in one minute are one cause) {
  auto all = mesh(60, nothing);
  auto failing = cell_of(1, 1);
  failing.since_s = 5000;
  for (std::uint32_t i = 0; i < 30; ++i) {
    all.replace(2 * i, 2 * i + 1, cell_of(1), failing);
  }
  CAF_CHECK_EQUAL(found(all), names{"path together"});
  check_text(all, "30 pairs began to fail within a minute");
}

CAF_TEST(dead targets are not lost in a burst of slow ones) {
  const auto world = [](std::uint32_t slow, std::uint32_t dead) {
    auto all = addresses(2, 1000, nothing);
    for (std::uint32_t t = 0; t < slow + dead; ++t) {
      auto cell = t < slow ? slow_cell(4) : cell_of(1, 1);
      cell.since_s = 5000;
      for (std::uint32_t s = 0; s < 2; ++s) {
        all.replace(s, t, cell_of(1), cell);
      }
    }
    return all;
  };
  CAF_CHECK_EQUAL(found(world(30, 1)), (names{"target 30", "target together"}));
  CAF_CHECK_EQUAL(found(world(30, 30)), (names{"target together", "target together"}));
  CAF_CHECK_EQUAL(found(world(12, 12)), names{"target together"});
  check_text(world(12, 12), "24 targets began to fail or to degrade within a minute, in 48 of 48 "
                            "pairs; 0 of 976 others are failing");
}

CAF_TEST(a hundred thousand targets that fail at once are one cause) {
  for (const std::uint32_t run : {2U, 3U, 20U}) {
    evidence all{false};
    for (std::uint32_t t = 0; t < 300'000; ++t) {
      auto counts = cell_of(1, t % 3 == 0 ? 1 : 0, run);
      counts.since_s = t % 3 == 0 ? 7000 + t % 15 : 0;
      all.add(0, t, counts);
    }
    const auto v = find_causes(all);
    CAF_CHECK_EQUAL(names_of(v), run > 2 ? names{"target together"} : names{});
  }
}

CAF_TEST(the run of a burst is that of most of its cells) {
  evidence all{false};
  for (std::uint32_t target = 0; target < 400; ++target) {
    for (std::uint32_t source = 0; source < 4; ++source) {
      auto cell = target < 30 ? cell_of(1, 1, target < 20 ? 4 : 2) : cell_of(1);
      cell.since_s = target < 30 ? 1000 : 0;
      all.add(source, target, cell);
    }
  }
  const auto v = find_causes(all);
  CAF_REQUIRE_EQUAL(v.causes.size(), 1u);
  CAF_CHECK(v.causes[0].scope == cause_scope::together);
  CAF_CHECK_EQUAL(v.causes[0].run, 4u);
}

} // namespace merge_causes_suite
