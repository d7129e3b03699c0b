#define CAF_SUITE incident_book

#include "xprober/verdict/incident_book.hpp"

#include <algorithm>
#include <chrono>

#include "support/incident_worlds.hpp"

#include "caf/test/unit_test.hpp"

namespace incident_book_suite {

using namespace worlds;
using namespace std::chrono_literals;

namespace {

/// Nobody reaches `region` for `failures` results, and it says nothing any more.
void darken(named_world& world, std::uint32_t regions, std::uint32_t region,
            std::uint32_t failures) {
  for (std::uint32_t other = 0; other < regions; ++other) {
    if (other != region) {
      world.result(other, region, failures);
      world.silence(region, other);
    }
  }
}

/// A region goes dark for ten minutes and comes back.
void check_dark_region(std::uint32_t regions) {
  named_world world{regions, regions, true};
  world.all_well();
  book_run run;
  run.look({world.picture()});
  CAF_CHECK(run.said.empty());
  for (std::uint32_t failures = 1; failures <= 40; ++failures) {
    darken(world, regions, 0, failures);
    if (failures == 6) {
      world.trouble_of(0, prober_trouble::silent);
    }
    run.look({world.picture()});
    CAF_CHECK_EQUAL(run.book.open_count(), failures < 3 ? 0u : 1u);
  }
  CAF_CHECK_EQUAL(run.told, told_list{"opened 1"});
  const auto open = run.book.open();
  CAF_REQUIRE_EQUAL(open.size(), 1u);
  CAF_CHECK(open[0].kind == incident_kind::target);
  CAF_CHECK(open[0].severity == incident_severity::critical);
  CAF_CHECK(open[0].targets.names == std::vector<std::string>{"region-0"});
  world.trouble_of(0, prober_trouble::none);
  world.all_well();
  run.look({world.picture()});
  run.look({world.picture()});
  CAF_CHECK_EQUAL(run.book.open_count(), 1u); // two good results
  run.look({world.picture()});
  CAF_CHECK_EQUAL(run.book.open_count(), 0u);
  CAF_CHECK_EQUAL(run.told, (told_list{"opened 1", "closed 1"}));
}

} // namespace

CAF_TEST(a dark region of three is one incident that is told once) { check_dark_region(3); }

CAF_TEST(a dark region of thirty is one incident that is told once) { check_dark_region(30); }

CAF_TEST(what is set decides how many results in a row it takes) {
  named_world world{4, 50, false};
  world.all_well();
  book_run run{{.results = 5}};
  for (std::uint32_t failures = 1; failures <= 5; ++failures) {
    fail_target(world, 4, 7, failures);
    run.look({world.picture()});
    CAF_CHECK_EQUAL(run.book.open_count(), failures < 5 ? 0u : 1u);
  }
  world.all_well();
  for (int good = 1; good <= 5; ++good) {
    run.look({world.picture()});
    CAF_CHECK_EQUAL(run.book.open_count(), good < 5 ? 1u : 0u);
  }
}

CAF_TEST(half good results close nothing) {
  named_world world{4, 50, false};
  world.all_well();
  book_run run;
  fail_target(world, 4, 7, 3);
  run.look({world.picture()});
  for (int i = 0; i < 10; ++i) {
    world.all_well();
    run.look({world.picture()});
    run.look({world.picture()});
    fail_target(world, 4, 7, 3);
    run.look({world.picture()});
  }
  CAF_CHECK_EQUAL(run.told, told_list{"opened 1"});
}

CAF_TEST(what has no results stays open and what is not probed any more closes) {
  named_world world{3, 50, false};
  world.all_well();
  book_run run;
  fail_target(world, 3, 7, 4);
  run.look({world.picture()});
  for (std::uint32_t source = 0; source < 3; ++source) {
    world.silence(source, 7);
  }
  for (int i = 0; i < 40; ++i) {
    run.look({world.picture()});
  }
  CAF_CHECK_EQUAL(run.book.open_count(), 1u);
  world.remove_target(7);
  run.look({world.picture()});
  run.look({world.picture()}, 30s);
  CAF_CHECK_EQUAL(run.told, (told_list{"opened 1", "closed 1"}));
}

CAF_TEST(a restart with other numbers goes on with what was stored and tells nothing twice) {
  named_world before{30, 30, true};
  before.all_well();
  book_run run;
  darken(before, 30, 4, 3);
  run.look({before.picture()});
  CAF_REQUIRE_EQUAL(run.told, told_list{"opened 1"});

  book_run after;
  after.now = run.now;
  after.book.restore(run.book.open(), 1);
  named_world world{30, 30, true, 11};
  for (int i = 0; i < 8; ++i) {
    after.look({world.picture()}); // nothing is known yet
  }
  CAF_CHECK_EQUAL(after.book.open_count(), 1u);
  world.all_well();
  for (std::uint32_t failures = 1; failures < 6; ++failures) {
    darken(world, 30, 4, failures);
    after.look({world.picture()});
  }
  CAF_CHECK(after.told.empty());
  world.all_well();
  after.look({world.picture()});
  after.look({world.picture()}, 30s);
  CAF_CHECK_EQUAL(after.told, told_list{"closed 1"});
  fail_target(world, 30, 9, 3);
  after.look({world.picture()});
  CAF_CHECK_EQUAL(after.told, (told_list{"closed 1", "opened 2"}));
}

CAF_TEST(what has just been told grows with its cause) {
  named_world world{4, 60, false};
  world.all_well();
  for (std::uint32_t target = 0; target < 20; ++target) {
    world.group(target, "rack=9");
  }
  book_run run;
  fail_target(world, 4, 3, 3);
  run.look({world.picture()});
  for (std::uint32_t target = 0; target < 20; ++target) {
    fail_target(world, 4, target, 3);
  }
  run.look({world.picture()}, 60s);
  CAF_CHECK_EQUAL(run.told, told_list{"opened 1"});
  CAF_CHECK_EQUAL(run.count(incident_event::grew), 1u);
  const auto grown = run.book.open();
  CAF_REQUIRE_EQUAL(grown.size(), 1u);
  CAF_CHECK_EQUAL(grown[0].targets.affected, 20u);
  for (std::uint32_t target = 0; target < 18; ++target) {
    fail_target(world, 4, target, 0);
  }
  run.look({world.picture()}, 60s);
  CAF_CHECK_EQUAL(run.count(incident_event::shrank), 1u);
  CAF_CHECK_EQUAL(run.book.open_count(), 1u); // the two that are left are still the same one
  CAF_CHECK_EQUAL(run.told, told_list{"opened 1"});
}

CAF_TEST(what is much wider than an old incident is news and takes it in) {
  named_world world{4, 60, false};
  world.all_well();
  for (std::uint32_t target = 0; target < 20; ++target) {
    world.group(target, "rack=9");
  }
  book_run run;
  fail_target(world, 4, 3, 3);
  run.look({world.picture()});
  fail_target(world, 4, 5, 3);
  run.look({world.picture()});
  CAF_CHECK_EQUAL(run.book.open_count(), 2u);
  run.look({world.picture()}, 1h);
  run.told.clear();
  for (std::uint32_t failures = 1; failures <= 3; ++failures) {
    for (std::uint32_t target = 0; target < 20; ++target) {
      const bool old = target == 3 || target == 5;
      fail_target(world, 4, target, old ? 12 : failures);
    }
    run.look({world.picture()});
    CAF_CHECK_EQUAL(run.told.size(), failures < 3 ? 0u : 3u);
  }
  CAF_CHECK_EQUAL(run.told, (told_list{"closed 1", "closed 2", "opened 3"}));
  const auto open = run.book.open();
  CAF_REQUIRE_EQUAL(open.size(), 1u);
  CAF_CHECK_EQUAL(run.count(incident_event::merged), 2u);
  CAF_CHECK_EQUAL(open[0].timeline.size(), 3u); // opened, and two absorbed
  const auto merged = std::find_if(run.said.begin(), run.said.end(), [](const auto& change) {
    return change.has(incident_event::merged);
  });
  CAF_CHECK_EQUAL(merged->now.merged_into, 3u);
  CAF_CHECK_EQUAL(merged->now.timeline.size(), 2u);
}

CAF_TEST(what comes and goes stays open from the third time on) {
  named_world world{4, 50, false};
  world.all_well();
  book_run run;
  for (int round = 0; round < 10; ++round) {
    fail_target(world, 4, 7, 3);
    run.look({world.picture()});
    world.all_well();
    for (int good = 0; good < 3; ++good) {
      run.look({world.picture()});
    }
  }
  CAF_CHECK_EQUAL(run.told,
                  (told_list{"opened 1", "closed 1", "opened 2", "closed 2", "opened 3"}));
  CAF_CHECK_EQUAL(run.count(incident_event::flapping), 1u);
  const auto held = run.book.open();
  CAF_REQUIRE_EQUAL(held.size(), 1u);
  CAF_CHECK(held[0].flapping);
  const auto still = run.now;
  while (run.book.open_count() > 0 && run.now - still < 3h) {
    run.look({world.picture()}, 60s);
  }
  CAF_CHECK(run.now - still > 25min);
  CAF_CHECK(run.now - still < 65min);
  CAF_CHECK_EQUAL(run.count(incident_event::calm), 1u);
  CAF_CHECK_EQUAL(run.told.back(), "closed 3");
}

CAF_TEST(what comes and goes is known again after a restart) {
  named_world world{4, 50, false};
  world.all_well();
  book_run run;
  for (int round = 0; round < 3; ++round) {
    const auto last = run.book.last_id();
    run.book = incident_book{{}};
    std::vector<incident> closed;
    for (const auto& change : run.said) {
      if (change.has(incident_event::closed)) {
        closed.push_back(change.now);
      }
    }
    run.book.restore(closed, last);
    fail_target(world, 4, 7, 3);
    run.look({world.picture()});
    world.all_well();
    run.look({world.picture()});
    run.look({world.picture()}, 30s);
  }
  CAF_CHECK_EQUAL(run.count(incident_event::flapping), 1u);
  CAF_CHECK_EQUAL(run.book.open_count(), 1u);
}

CAF_TEST(two kinds that fail together are one incident) {
  named_world icmp{4, 50, false};
  named_world tcp{4, 50, false, 3, "tcp"};
  icmp.all_well();
  tcp.all_well();
  book_run run;
  fail_target(icmp, 4, 7, 3);
  fail_target(tcp, 4, 7, 3, 1);
  run.look({icmp.picture(), tcp.picture()});
  CAF_CHECK_EQUAL(run.told, told_list{"opened 1"});
  icmp.all_well();
  run.look({icmp.picture(), tcp.picture()}, 5min);
  run.look({icmp.picture(), tcp.picture()}, 5min);
  CAF_CHECK_EQUAL(run.book.open_count(), 1u);
  CAF_CHECK_EQUAL(run.count(incident_event::reason), 1u);
}

CAF_TEST(a prober without results is one after as long as three results take) {
  named_world world{5, 50, false};
  world.all_well();
  book_run run;
  run.look({world.picture()});
  for (std::uint32_t target = 0; target < 50; ++target) {
    world.silence(2, target);
  }
  world.trouble_of(2, prober_trouble::silent);
  run.look({world.picture()});
  run.look({world.picture()});
  CAF_CHECK_EQUAL(run.book.open_count(), 0u);
  run.look({world.picture()});
  const auto open = run.book.open();
  CAF_REQUIRE_EQUAL(open.size(), 1u);
  CAF_CHECK(open[0].kind == incident_kind::prober);
  CAF_CHECK_EQUAL(open[0].reason, "silent");
  run.look({world.picture()}, 10min);
  CAF_CHECK_EQUAL(run.told, told_list{"opened 1"});
  world.trouble_of(2, prober_trouble::none);
  world.all_well();
  run.look({world.picture()});
  run.look({world.picture()}, 30s);
  CAF_CHECK_EQUAL(run.told, (told_list{"opened 1", "closed 1"}));
}

CAF_TEST(a region that is dark is not called a prober by a kind that is silent) {
  named_world dark{4, 4, true};
  named_world silent{4, 4, true, 0, "a"};
  dark.all_well();
  silent.all_well();
  book_run run;
  for (std::uint32_t failures = 1; failures <= 12; ++failures) {
    darken(dark, 4, 0, failures);
    silent.trouble_of(0, prober_trouble::silent);
    run.look({silent.picture(), dark.picture()});
  }
  CAF_CHECK_EQUAL(run.told, told_list{"opened 1"});
  const auto open = run.book.open();
  CAF_REQUIRE_EQUAL(open.size(), 1u);
  CAF_CHECK(open[0].kind == incident_kind::target);
  CAF_CHECK(open[0].summary.starts_with("region region-0: 3 of 3 regions fail to reach it"));
}

CAF_TEST(a clock that was set back keeps no prober in trouble secret) {
  named_world world{5, 50, false};
  world.all_well();
  book_run run;
  world.trouble_of(2, prober_trouble::overload);
  run.look({world.picture()});
  run.now -= 1h;
  for (int i = 0; i < 4; ++i) {
    run.look({world.picture()});
  }
  CAF_CHECK_EQUAL(run.told, told_list{"opened 1"});
}

CAF_TEST(what was merged has not come again) {
  named_world world{4, 50, false};
  world.all_well();
  book_run run;
  fail_target(world, 4, 7, 3);
  run.look({world.picture()});
  auto merged = run.book.open().at(0);
  merged.closed = run.now;
  merged.merged_into = 9;
  merged.penalty.add_opening(run.now);
  run.book = incident_book{{}};
  run.book.restore({merged}, 9);
  run.look({world.picture()});
  CAF_CHECK_EQUAL(run.count(incident_event::flapping), 0u);
  CAF_CHECK_EQUAL(run.book.last_id(), 10u);
}

CAF_TEST(a mute keeps quiet for as long as it lasts) {
  named_world world{4, 50, false};
  world.all_well();
  book_run run;
  run.mutes.push_back({1, {{"target", "host-7"}}, noon, noon + 10min, "ada", "maintenance"});
  run.mutes.push_back({2, {{"target", "host-9"}}, noon, noon + 10min, "ada", "maintenance"});
  fail_target(world, 4, 7, 3);
  fail_target(world, 4, 9, 3);
  run.look({world.picture()});
  CAF_CHECK_EQUAL(run.book.open_count(), 2u);
  fail_target(world, 4, 9, 0);
  run.look({world.picture()}, 1min);
  run.look({world.picture()}, 1min);
  CAF_CHECK_EQUAL(run.book.open_count(), 1u);
  CAF_CHECK(run.told.empty());
  run.look({world.picture()}, 10min);
  CAF_CHECK_EQUAL(run.told.size(), 1u);
  CAF_CHECK_EQUAL(run.told, told_list{"opened " + std::to_string(run.book.open()[0].id)});
}

CAF_TEST(an acknowledgement is kept with who gave it) {
  named_world world{4, 50, false};
  world.all_well();
  book_run run;
  fail_target(world, 4, 7, 3);
  run.look({world.picture()});
  CAF_CHECK(!run.book.acknowledge(9, {"ada", "", run.now}));
  const auto change = run.book.acknowledge(1, {"ada", "on it", run.now});
  CAF_REQUIRE(change);
  CAF_CHECK(change->has(incident_event::acknowledged));
  CAF_CHECK(!change->tell);
  CAF_CHECK(change->now.timeline.back().text == "ada: on it");
  run.look({world.picture()});
  CAF_CHECK(run.book.open()[0].acknowledged->by == "ada");
}

} // namespace incident_book_suite
