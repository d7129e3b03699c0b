#define CAF_SUITE find_causes

#include "xprober/verdict/find_causes.hpp"

#include "support/verdict_matrices.hpp"

#include "caf/test/unit_test.hpp"

namespace find_causes_suite {

using namespace matrices;

CAF_TEST(nothing known and nothing failing) {
  CAF_CHECK(found(evidence{true}).empty());
  CAF_CHECK(found(mesh(5, nothing)).empty());
  CAF_CHECK_EQUAL(find_causes(mesh(5, nothing)).unexplained, 0u);
}

CAF_TEST(a dark region among thirty is one cause) {
  const auto all = mesh(30, [](auto, auto t) { return t == 7; }, {7});
  CAF_CHECK_EQUAL(found(all), names{"region 7"});
  check_text(all, "29 of 29 sources fail to reach it, and its own probers are silent; 0 of 29 "
                  "others are failing");
}

CAF_TEST(a region that reaches nobody and that nobody reaches is one cause) {
  const auto all = mesh(200, [](auto s, auto t) { return s == 7 || t == 7; });
  CAF_CHECK_EQUAL(found(all), names{"region 7"});
  check_text(all, "199 of 199 sources fail to reach it, and it reaches nearly nobody; 0 of 199 "
                  "others are failing");
}

CAF_TEST(two dark regions are two causes) {
  const auto dark = [](auto, auto t) { return t == 1 || t == 3; };
  CAF_CHECK_EQUAL(found(mesh(30, dark, {1, 3})), (names{"region 1", "region 3"}));
}

CAF_TEST(small meshes with dark regions) {
  CAF_CHECK_EQUAL(found(mesh(2, [](auto, auto t) { return t == 1; }, {1})), names{"region 1"});
  CAF_CHECK_EQUAL(found(mesh(3, [](auto, auto t) { return t == 1; }, {1})), names{"region 1"});
  // What the only one left sees is that the others are dark, not that it is.
  CAF_CHECK_EQUAL(found(mesh(3, [](auto, auto t) { return t > 0; }, {1, 2})),
                  (names{"region 1", "region 2"}));
  CAF_CHECK_EQUAL(found(mesh(5, [](auto, auto t) { return t > 0; }, {1, 2, 3, 4})),
                  (names{"region 1", "region 2", "region 3", "region 4"}));
}

CAF_TEST(a lost agent whose region is reached is a prober) {
  const auto all = mesh(30, nothing, {4});
  CAF_CHECK_EQUAL(found(all), names{"prober 4"});
  check_text(all, "29 of 29 series have no results; 0 of 29 others are failing");
  CAF_CHECK_EQUAL(found(mesh(30, nothing, {4, 9})), (names{"prober 4", "prober 9"}));
}

CAF_TEST(all agents lost at once are one cause) {
  std::set<std::uint32_t> all_of_them;
  for (std::uint32_t i = 0; i < 30; ++i) {
    all_of_them.insert(i);
  }
  CAF_CHECK_EQUAL(found(mesh(30, nothing, all_of_them)), names{"prober all"});
}

CAF_TEST(one lossy pair is a path) {
  auto all = mesh(30, nothing);
  const auto lossy = slow_cell(5);
  all.replace(3, 9, cell_of(1), lossy);
  const auto v = find_causes(all);
  CAF_CHECK_EQUAL(names_of(v), names{"path 3>9"});
  CAF_CHECK(v.causes.front().degraded);
  CAF_CHECK(!v.causes.front().undecided);
  check_text(all, "the pair is degraded, and neither end is in general");
  all.replace(9, 3, cell_of(1), lossy);
  check_text(all, "2 of 2 pairs are degraded from 2 sources to 2 targets");
}

CAF_TEST(what is slow or has losses is not said to fail) {
  auto all = addresses(2, 40, nothing);
  const auto slow = slow_cell(5);
  all.replace(0, 7, cell_of(1), slow);
  all.replace(1, 7, cell_of(1), slow);
  check_text(all, "it is degraded for 2 of 2 sources; 0 of 39 others are degraded");
}

CAF_TEST(what is slow hides nothing that fails) {
  const auto slow = [](std::uint32_t reason) {
    cell_counts counts;
    counts.degraded = 1;
    counts.results = 5;
    counts.reason = reason;
    return counts;
  };
  evidence source{false};
  evidence target{true};
  for (std::uint32_t i = 0; i < 16; ++i) {
    auto failing = cell_of(1, 1, 5);
    failing.reason = 4;
    source.add(0, i, i == 12 ? failing : slow(no_number));
    for (std::uint32_t s = 0; s < 16; ++s) {
      if (s != i) {
        target.add(s, i, i != 3 ? cell_of(1) : s == 9 ? failing : slow(no_number));
      }
    }
  }
  const auto v = find_causes(source);
  CAF_CHECK_EQUAL(names_of(v), (names{"source 0", "target 12"}));
  CAF_CHECK(v.causes.at(0).reason == no_number && v.causes.at(1).reason == 4);
  CAF_CHECK_EQUAL(evidence_text(v.causes.at(0)), "it sees 15 of 16 targets degraded");
  CAF_CHECK_EQUAL(found(target), (names{"path 9>3", "target 3"}));
  CAF_MESSAGE("where most is lost, now and then all is lost three times in a row");
  evidence lossy{false};
  for (std::uint32_t i = 0; i < 60; ++i) {
    lossy.add(0, i, i % 3 == 0 ? cell_of(1, 1, 3) : slow(no_number));
  }
  CAF_CHECK_EQUAL(found(lossy), names{"source 0"});
}

CAF_TEST(a pair that fails once is no cause yet) {
  const auto pair = [](auto s, auto t) { return s == 3 && t == 9; };
  const auto v = find_causes(mesh(30, pair, {}, 1));
  CAF_CHECK(v.causes.empty());
  CAF_CHECK_EQUAL(v.unexplained, 1u);
  CAF_CHECK_EQUAL(found(mesh(30, pair, {}, 3)), names{"path 3>9"});
}

CAF_TEST(a dead target is seen with its first results) {
  CAF_CHECK_EQUAL(found(mesh(30, [](auto, auto t) { return t == 7; }, {}, 1)), names{"target 7"});
  CAF_CHECK_EQUAL(found(mesh(30, [](auto s, auto) { return s == 7; }, {}, 1)), names{"source 7"});
  CAF_CHECK_EQUAL(found(mesh(6, [](auto, auto t) { return t == 2; }, {}, 1)), names{"target 2"});
}

CAF_TEST(a single source does not tell its targets from itself) {
  CAF_CHECK_EQUAL(found(addresses(1, 10, [](auto, auto t) { return t == 3; })), names{"target 3"});
  CAF_CHECK_EQUAL(found(addresses(1, 10, [](auto, auto t) { return t == 3 || t == 5; })),
                  (names{"target 3", "target 5"}));
  const auto all = addresses(1, 10, everything);
  CAF_CHECK_EQUAL(found(all), names{"source 0"});
  check_text(all, "it fails to reach 10 of 10 targets");
  check_text(addresses(1, 1, everything), "the pair fails, and nothing else tells which end it is");
}

CAF_TEST(a single target that all sources fail to reach is the target) {
  CAF_CHECK_EQUAL(found(addresses(10, 1, everything)), names{"target 0"});
  CAF_CHECK_EQUAL(found(addresses(10, 1, [](auto s, auto) { return s == 2; })), names{"path 2>0"});
}

CAF_TEST(everything failing between several is not told apart) {
  check_text(mesh(30, everything),
             "870 of 870 pairs fail, and no source and no target is better than the others");
  check_text(addresses(2, 3, everything),
             "6 of 6 pairs fail, and no source and no target is better than the others");
  check_text(addresses(10, 100, [](auto s, auto t) { return (s + t) % 20 != 0; }),
             "950 of 1000 pairs fail, and no source and no target is better than the others");
}

CAF_TEST(targets that are down are told apart from what is slow at the same time) {
  const auto world = [](std::uint32_t sources, std::uint32_t targets, std::uint32_t slow) {
    evidence all{false};
    for (std::uint32_t s = 0; s < sources; ++s) {
      for (std::uint32_t t = 0; t < targets; ++t) {
        all.add(s, t,
                t < targets - slow ? cell_of(1, 1, 20)
                : s > 0            ? slow_cell(1)
                                   : cell_of(1, 0, 0));
      }
    }
    return all;
  };
  CAF_CHECK_EQUAL(found(world(3, 3, 1)), (names{"target 0", "target 1"}));
  CAF_CHECK_EQUAL(found(world(4, 4, 1)), (names{"target 0", "target 1", "target 2"}));
}

CAF_TEST(what is well tells which side it is when nearly everything fails) {
  // One source reaches all: the others are to blame, not the targets.
  CAF_CHECK_EQUAL(found(addresses(10, 10, [](auto s, auto) { return s > 0; })),
                  names{"source all"});
  CAF_CHECK_EQUAL(found(addresses(10, 10, [](auto, auto t) { return t > 0; })),
                  names{"target all"});
  CAF_CHECK_EQUAL(found(addresses(10, 200, [](auto, auto t) { return t > 0; })),
                  names{"target all"});
  CAF_CHECK_EQUAL(found(addresses(3, 10, [](auto s, auto) { return s > 0; })),
                  (names{"source 1", "source 2"}));
}

CAF_TEST(a source and a target at once) {
  CAF_CHECK_EQUAL(found(addresses(3, 3, [](auto s, auto t) { return s == 0 || t == 0; })),
                  (names{"source 0", "target 0"}));
  const auto v = find_causes(addresses(40, 40, [](auto s, auto t) { return s == 3 || t == 5; }));
  CAF_CHECK_EQUAL(names_of(v), (names{"source 3", "target 5"}));
  CAF_CHECK_EQUAL(v.unexplained, 0u);
  // The pair of both is explained by one of them.
  CAF_CHECK(v.causes[0].evidence == (share{40, 40}));
  CAF_CHECK(v.causes[1].evidence == (share{39, 39}));
}

CAF_TEST(half of the sources dead is no fault of the targets) {
  names sources;
  for (std::uint32_t s = 1; s < 10; s += 2) {
    sources.push_back("source " + std::to_string(s));
  }
  CAF_CHECK_EQUAL(found(addresses(10, 30, [](auto s, auto) { return s % 2 == 1; })), sources);
}

CAF_TEST(a part of a source and of a target) {
  const auto half_source = addresses(40, 40, [](auto s, auto t) { return s == 3 && t < 20; });
  const auto v = find_causes(half_source);
  CAF_CHECK_EQUAL(names_of(v), names{"source 3"});
  CAF_CHECK(v.causes.front().partial);
  check_text(half_source, "it fails to reach 20 of 40 targets; 0 of 39 others are failing");
  check_text(addresses(40, 40, [](auto s, auto t) { return t == 3 && s < 20; }),
             "20 of 40 sources fail to reach it; 0 of 39 others are failing");
  // A tenth of the targets says little of the source in general.
  CAF_CHECK_EQUAL(found(addresses(40, 40, [](auto s, auto t) { return s == 3 && t < 4; })),
                  names{"path 3>0,1,2,3"});
}

CAF_TEST(some sources that do not reach some targets are one path) {
  const auto all = addresses(40, 40, [](auto s, auto t) { return s < 10 && t >= 30; });
  check_text(all, "100 of 100 pairs fail from 10 sources to 10 targets");
}

CAF_TEST(probers in trouble make no target fail) {
  auto all = mesh(30, [](auto s, auto) { return s == 5 || s == 6; });
  for (std::uint32_t t = 0; t < 30; ++t) {
    cell_counts fault;
    fault.fault = 1;
    if (t != 4) {
      all.replace(4, t, cell_of(1), fault);
    }
  }
  all.set_source(5, {5, prober_trouble::overload});
  all.set_source(6, {6, prober_trouble::clock});
  const auto v = find_causes(all);
  CAF_CHECK_EQUAL(names_of(v), (names{"prober 4", "prober 5", "prober 6"}));
  CAF_CHECK_EQUAL(v.unexplained, 0u);
  CAF_CHECK_EQUAL(evidence_text(v.causes.front()),
                  "29 of 29 series end with the prober's own fault; 2 of 29 others are failing");
}

CAF_TEST(a prober in trouble hides no dead target) {
  auto all = addresses(10, 10, [](auto s, auto t) { return s == 5 || t == 2; });
  all.set_source(5, {no_number, prober_trouble::overload});
  const auto v = find_causes(all);
  CAF_CHECK_EQUAL(names_of(v), (names{"prober 5", "target 2"}));
  CAF_CHECK(v.causes[0].evidence == (share{9, 9}));
}

CAF_TEST(a few own faults are no trouble) {
  auto all = addresses(10, 10, nothing);
  cell_counts fault;
  fault.fault = 1;
  all.replace(3, 3, cell_of(1), fault);
  CAF_CHECK(found(all).empty());
  for (std::uint32_t t = 4; t < 9; ++t) {
    all.replace(3, t, cell_of(1), fault);
  }
  CAF_CHECK_EQUAL(found(all), names{"prober 3"});
  auto tenth = addresses(10, 100, nothing);
  for (std::uint32_t t = 0; t < 10; ++t) {
    tenth.replace(3, t, cell_of(1), fault);
  }
  CAF_CHECK(found(tenth).empty());
}

CAF_TEST(agents of one region are one source) {
  auto all = addresses(12, 10, [](auto s, auto) { return s / 3 == 2; });
  for (std::uint32_t s = 0; s < 12; ++s) {
    all.set_source(s, {s / 3, prober_trouble::none});
  }
  CAF_CHECK_EQUAL(found(all), names{"source group 2"});
  check_text(all, "3 of 3 sources fail, in 30 of 30 pairs; 0 of 9 others are failing");
  for (std::uint32_t t = 0; t < 10; ++t) {
    all.replace(6, t, cell_of(1, 1), cell_of(1));
  }
  CAF_CHECK_EQUAL(found(all), (names{"source 7", "source 8"}));
}

CAF_TEST(a region of several agents is one cause on both sides) {
  evidence all{true};
  const std::uint32_t agents = 3;
  for (std::uint32_t s = 0; s < 10 * agents; ++s) {
    const auto region = s / agents;
    all.set_source(s, {region, prober_trouble::none});
    for (std::uint32_t t = 0; t < 10; ++t) {
      if (t != region) {
        all.add(s, t, cell_of(1, region == 4 || t == 4 ? 1 : 0));
      }
    }
  }
  CAF_CHECK_EQUAL(found(all), names{"region 4"});
}

/// Targets in labels of ten, all of them of one label more.
evidence labelled(std::uint32_t sources, std::uint32_t targets, const failure& fails) {
  auto all = addresses(sources, targets, fails);
  for (std::uint32_t t = 0; t < targets; ++t) {
    const std::uint32_t groups[] = {t / 10, 999};
    all.set_groups(t, groups);
  }
  return all;
}

CAF_TEST(targets of one label are one cause) {
  const auto all = labelled(4, 40, [](auto, auto t) { return t / 10 == 2; });
  CAF_CHECK_EQUAL(found(all), names{"target group 2"});
  check_text(all, "10 of 10 targets fail, in 40 of 40 pairs; 0 of 30 others are failing");
  CAF_CHECK_EQUAL(found(labelled(1, 40, [](auto, auto t) { return t / 10 == 2; })),
                  names{"target group 2"});
  CAF_CHECK_EQUAL(found(labelled(1, 40, everything)), names{"source 0"});
  // A label with one good target in three is not what fails.
  CAF_CHECK_EQUAL(
      found(labelled(4, 40, [](auto, auto t) { return t / 10 == 2 && t % 3 == 0; })).size(), 3u);
}

CAF_TEST(targets that are well speak against a group) {
  auto all = addresses(4, 100, [](auto, auto t) { return t < 90 || t > 97; });
  for (std::uint32_t t = 0; t < 100; ++t) {
    const std::uint32_t groups[] = {t < 90 ? 0U : 1U};
    all.set_groups(t, groups);
  }
  CAF_CHECK_EQUAL(found(all), (names{"target 98", "target 99", "target group 0"}));
}

CAF_TEST(a label that fails once among others that do is no cause yet) {
  evidence all{false};
  for (std::uint32_t t = 0; t < 1000; ++t) {
    const std::uint32_t groups[] = {t / 5};
    all.set_groups(t, groups);
    all.add(0, t, cell_of(1, t < 5 || t % 20 == 7 ? 1 : 0, 1));
  }
  CAF_CHECK(found(all).empty());
}

CAF_TEST(a cause has the reason of most of its cells) {
  auto all = addresses(5, 5, nothing);
  for (std::uint32_t s = 0; s < 5; ++s) {
    auto expired = cell_of(1, 1);
    expired.reason = s == 0 ? 8U : 17U;
    expired.since_s = 100 + s;
    all.replace(s, 2, cell_of(1), expired);
  }
  const auto v = find_causes(all);
  CAF_CHECK_EQUAL(names_of(v), names{"target 2"});
  CAF_CHECK_EQUAL(v.causes.front().reason, 17u);
  CAF_CHECK_EQUAL(v.causes.front().reason_cells, 4u);
  CAF_CHECK_EQUAL(v.causes.front().since_s, 100u);
  CAF_CHECK_EQUAL(v.causes.front().failing_series, 5u);
}

CAF_TEST(the run of a cause is what more than half of its cells have reached) {
  evidence all{false};
  for (std::uint32_t source = 0; source < 5; ++source) {
    for (std::uint32_t target = 0; target < 40; ++target) {
      all.add(source, target, target == 7 ? cell_of(1, 1, 1 + source) : cell_of(1));
    }
  }
  auto v = find_causes(all);
  CAF_REQUIRE_EQUAL(names_of(v), std::vector<std::string>{"target 7"});
  CAF_CHECK_EQUAL(v.causes[0].run, 3u);
  CAF_CHECK_EQUAL(v.causes[0].whole_run, 2u); // four of five are as bad
  all.replace(4, 7, cell_of(1, 1, 5), cell_of(1));
  v = find_causes(all);
  CAF_CHECK_EQUAL(v.causes[0].run, 2u); // of 1, 2, 3, 4
  CAF_CHECK_EQUAL(v.causes[0].whole_run, 1u);
}

} // namespace find_causes_suite
