#define CAF_SUITE incident_backlog

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "support/incident_worlds.hpp"

#include "caf/test/unit_test.hpp"

namespace incident_backlog_suite {

using namespace worlds;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t sources = 8;

/// Eight sources that were cut off from the server, and deliver what they have measured meanwhile.
struct cut_off {
  cut_off() { world.all_well(); }

  void all_behind(bool are = true) {
    for (std::uint32_t source = 0; source < sources; ++source) {
      world.behind(source, are);
    }
  }
  void look(std::uint32_t times = 1) {
    for (; times > 0; --times) {
      run.look({world.picture()}, 1s);
    }
  }
  std::string told_of(std::size_t place) const { return run.said.at(place).now.summary; }

  named_world world{sources, 50, false};
  book_run run;
};

constexpr std::uint32_t ten_minutes = 600;

} // namespace

CAF_TEST(what one source after the other delivers late is one incident) {
  cut_off all;
  all.all_behind();
  for (std::uint32_t source = 0; source < sources; ++source) {
    all.world.result(source, 7, 12);
    all.look();
    // With the seventh of eight it is all the same what the last one has to say.
    const std::size_t told = source < 6 ? 0 : 1;
    CAF_CHECK_EQUAL(all.run.told.size(), told);
    all.world.behind(source, false); // it has caught up
    all.look(ten_minutes);
    CAF_CHECK_EQUAL(all.run.told.size(), told);
  }
  CAF_CHECK_EQUAL(all.run.told, told_list{"opened 1"});
  CAF_CHECK_EQUAL(all.run.count(incident_event::merged), 0u);
  CAF_CHECK(all.told_of(0).starts_with("target host-7: 7 of 8 sources fail to reach it"));
}

CAF_TEST(a backlog of any length holds back what it may say otherwise) {
  cut_off all;
  all.all_behind();
  fail_target(all.world, sources, 7, 12);
  all.look(ten_minutes);
  CAF_CHECK(all.run.told.empty());
  all.all_behind(false);
  all.look();
  CAF_CHECK_EQUAL(all.run.told, told_list{"opened 1"});
}

CAF_TEST(what was over before it came is not told) {
  cut_off all;
  all.all_behind();
  fail_target(all.world, sources, 7, 12);
  all.look(ten_minutes);
  fail_target(all.world, sources, 7, 0);
  all.look();
  all.all_behind(false);
  all.look(ten_minutes);
  CAF_CHECK(all.run.told.empty());
}

CAF_TEST(what is well in old results does not close what fails) {
  cut_off all;
  fail_target(all.world, sources, 7, 12);
  all.look();
  CAF_CHECK_EQUAL(all.run.told, told_list{"opened 1"});
  all.all_behind();
  all.world.all_well(); // once, for a while
  all.look(ten_minutes);
  for (std::uint32_t source = 0; source < sources; ++source) {
    all.world.result(source, 7, 12); // and again
    all.look();
    all.world.behind(source, false);
    all.look(ten_minutes);
  }
  CAF_CHECK_EQUAL(all.run.told, told_list{"opened 1"});
  CAF_CHECK_EQUAL(all.run.count(incident_event::closed), 0u);
  all.world.all_well();
  all.look(60);
  CAF_CHECK_EQUAL(all.run.told, (told_list{"opened 1", "closed 1"}));
}

CAF_TEST(who is behind now and then does not keep open what is over) {
  cut_off all;
  all.world.result(3, 7, 12);
  all.look();
  all.world.result(3, 7, 0);
  std::uint32_t good = 0;
  for (; good < 40 && all.run.book.open_count() > 0; ++good) {
    all.world.behind(3);
    all.look(20);
    all.world.behind(3, false);
    all.look(3);
  }
  CAF_CHECK(good >= 10 && good <= 12); // 30 s of those that it is not
  CAF_CHECK_EQUAL(all.run.told, (told_list{"opened 1", "closed 1"}));
}

CAF_TEST(what was told to be over is not told again by who delivers it late) {
  cut_off all;
  fail_target(all.world, sources, 7, 12);
  all.look();
  all.world.all_well();
  all.look(60);
  CAF_CHECK_EQUAL(all.run.told, (told_list{"opened 1", "closed 1"}));
  all.world.behind(3);
  all.world.result(3, 7, 40); // it was lost when the target died, and has seen it die
  all.look(ten_minutes);
  all.world.result(3, 7, 0);
  all.look();
  all.world.behind(3, false);
  all.look(ten_minutes);
  CAF_CHECK_EQUAL(all.run.told, (told_list{"opened 1", "closed 1"}));
}

CAF_TEST(a failure is not told to have got worse before it is known) {
  cut_off all;
  for (std::uint32_t source = 0; source < 4; ++source) {
    all.world.result(source, 7, 12);
  }
  for (std::uint32_t source = 4; source < sources; ++source) {
    all.world.behind(source);
  }
  all.look(ten_minutes);
  CAF_CHECK(all.run.told.empty()); // for half of the sources it would be a warning
  for (std::uint32_t source = 4; source < sources; ++source) {
    all.world.result(source, 7, 12);
    all.world.behind(source, false);
  }
  all.look(ten_minutes);
  CAF_CHECK_EQUAL(all.run.told, told_list{"opened 1"});
  CAF_CHECK(all.run.said.at(0).now.severity == incident_severity::critical);
}

CAF_TEST(what begins to fail while some are behind is told within seconds) {
  cut_off all;
  const std::uint32_t behind = 3; // enough to make another cause of it
  for (std::uint32_t source = sources - behind; source < sources; ++source) {
    all.world.behind(source);
  }
  all.look(ten_minutes);
  for (std::uint32_t failures = 1; failures <= 3; ++failures) {
    for (std::uint32_t source = 0; source < sources - behind; ++source) {
      all.world.result(source, 7, failures);
    }
    all.look();
  }
  all.look(3);
  CAF_CHECK_EQUAL(all.run.told, told_list{"opened 1"});
  CAF_CHECK(all.told_of(0).starts_with("target host-7: 5 of 8 sources fail to reach it"));
  for (std::uint32_t failures = 4; failures <= longest_run; ++failures) {
    for (std::uint32_t source = 0; source < sources - behind; ++source) {
      all.world.result(source, 7, failures);
    }
    all.look(15);
  }
  for (std::uint32_t source = sources - behind; source < sources; ++source) {
    all.world.result(source, 7, 12);
    all.look();
    all.world.behind(source, false);
  }
  all.look(ten_minutes);
  CAF_CHECK_EQUAL(all.run.count(incident_event::opened), 1u);
  CAF_CHECK_EQUAL(all.run.count(incident_event::merged), 0u);
}

CAF_TEST(what those that are behind see begin to fail waits for them) {
  cut_off all;
  all.all_behind();
  for (std::uint32_t failures = 1; failures <= 3; ++failures) {
    fail_target(all.world, sources, 7, failures);
    all.look();
  }
  all.look(ten_minutes);
  CAF_CHECK(all.run.told.empty());
}

CAF_TEST(a path that begins to fail while the only other source is behind is told) {
  named_world world{2, 50, false};
  book_run run;
  world.all_well();
  world.behind(1);
  for (std::uint32_t failures = 1; failures <= 3; ++failures) {
    world.result(0, 7, failures);
    run.look({world.picture()}, 1s);
  }
  CAF_CHECK(run.told.empty());
  for (int second = 0; second < 3; ++second) {
    run.look({world.picture()}, 1s);
  }
  CAF_CHECK_EQUAL(run.told, told_list{"opened 1"});
}

CAF_TEST(who is behind and found a target slow or missed it once may yet find it down) {
  struct kind_of_cell {
    std::uint32_t failures;
    std::uint32_t slow;
  };
  constexpr std::array<kind_of_cell, 5> kinds{{{0, 0}, {20, 0}, {1, 0}, {4, 0}, {0, 1}}};
  constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 7> others{
      {{2, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 1}, {2, 2}}};
  std::size_t worlds = 1;
  for (std::size_t i = 0; i < others.size(); ++i) {
    worlds *= kinds.size();
  }
  for (std::size_t number = 0; number < worlds; ++number) {
    named_world world{3, 3, false};
    world.all_well();
    world.behind(1);
    world.behind(2);
    world.result(0, 0, 20);
    world.result(1, 0, 20);
    auto left = number;
    for (const auto& [source, target] : others) {
      const auto& kind = kinds[left % kinds.size()];
      left /= kinds.size();
      if (kind.slow > 0) {
        world.slow(source, target, kind.slow);
      } else {
        world.result(source, target, kind.failures);
      }
    }
    const auto picture = world.picture();
    for (const auto& found : picture.found->causes) {
      const bool told = found.type == cause_type::path && found.run >= 3 && !found.unsettled;
      const bool of_target = std::ranges::find(found.targets, 0U) != found.targets.end();
      CAF_REQUIRE(!(told && of_target));
    }
  }
}

CAF_TEST(a source that alone misses many is not blamed before the others have spoken) {
  cut_off all;
  for (std::uint32_t source = 1; source < sources; ++source) {
    all.world.behind(source);
  }
  for (std::uint32_t target = 0; target < 40; ++target) {
    all.world.result(0, target, 12);
  }
  all.look(ten_minutes);
  CAF_CHECK(all.run.told.empty());
  for (std::uint32_t source = 1; source < sources; ++source) {
    for (std::uint32_t target = 0; target < 40; ++target) {
      all.world.result(source, target, 12);
    }
    all.look();
  }
  all.all_behind(false);
  all.look(ten_minutes);
  CAF_CHECK_EQUAL(all.run.told, told_list{"opened 1"});
}

CAF_TEST(one that is behind for ever holds back nothing of the others) {
  cut_off all;
  all.world.behind(5);
  all.world.result(3, 9, 12);
  fail_target(all.world, sources, 7, 12);
  all.look();
  CAF_CHECK_EQUAL(all.run.told, (told_list{"opened 1", "opened 2"}));
  all.world.all_well();
  all.look(60);
  CAF_CHECK_EQUAL(all.run.told, (told_list{"opened 1", "opened 2", "closed 1", "closed 2"}));
}

CAF_TEST(without a backlog nothing waits) {
  cut_off all;
  all.world.result(3, 7, 12);
  all.look();
  CAF_CHECK_EQUAL(all.run.told, told_list{"opened 1"});
}

CAF_TEST(an old incident stays open while a wider one waits) {
  cut_off all;
  all.world.result(0, 7, 12);
  all.look(700); // until whatever it grows to is news
  CAF_CHECK_EQUAL(all.run.told, told_list{"opened 1"});
  all.all_behind();
  fail_target(all.world, sources, 7, 12);
  all.look(ten_minutes);
  CAF_CHECK_EQUAL(all.run.told, told_list{"opened 1"});
  CAF_CHECK_EQUAL(all.run.book.open_count(), 1u);
  all.all_behind(false);
  all.look();
  CAF_CHECK_EQUAL(all.run.count(incident_event::merged), 1u);
  CAF_CHECK_EQUAL(all.run.told, (told_list{"opened 1", "closed 1", "opened 2"}));
}

CAF_TEST(probers in trouble are told although others are behind) {
  cut_off all;
  all.all_behind();
  all.world.trouble_of(2, prober_trouble::overload);
  all.look(32);
  CAF_CHECK_EQUAL(all.run.told, told_list{"opened 1"});
}

} // namespace incident_backlog_suite
