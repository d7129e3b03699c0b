#define CAF_SUITE incident_moments

#include <chrono>

#include "support/incident_worlds.hpp"

#include "caf/test/unit_test.hpp"

// What a cause that is there for a moment only does to incidents that are open.

namespace incident_moments_suite {

using namespace worlds;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t sources = 3;
constexpr std::uint32_t pages = 3;

/// Three pages, of which the first and the last one have failed for long, each for itself.
struct two_of_three {
  two_of_three() {
    world.all_well();
    fail_target(world, sources, 0, 12);
    look();
    fail_target(world, sources, 2, 12);
    look();
  }

  void look(std::uint32_t times = 1, std::chrono::seconds step = 1s) {
    for (; times > 0; --times) {
      run.look({world.picture()}, step);
    }
  }
  /// The page between them has failed so often, and so all of them fail.
  void all_fail(std::uint32_t failures = 1) { fail_target(world, sources, 1, failures); }
  void other_well() { fail_target(world, sources, 1, 0); }

  named_world world{sources, pages, false};
  book_run run;
};

const told_list both_opened{"opened 1", "opened 2"};

} // namespace

CAF_TEST(a wide cause of a moment merges nothing) {
  two_of_three all;
  CAF_CHECK_EQUAL(all.run.told, both_opened);
  all.all_fail();
  all.look(2);
  all.other_well();
  all.look(60);
  CAF_CHECK_EQUAL(all.run.count(incident_event::merged), 0u);
  CAF_CHECK_EQUAL(all.run.told, both_opened);
  // Each is the page's that it was before.
  const auto open = all.run.book.open();
  CAF_REQUIRE_EQUAL(open.size(), 2u);
  CAF_CHECK(open[0].targets.names == std::vector<std::string>{"host-0"});
  CAF_CHECK(open[1].targets.names == std::vector<std::string>{"host-2"});
  fail_target(all.world, sources, 2, 0);
  all.look(60);
  CAF_CHECK_EQUAL(all.run.told, (told_list{"opened 1", "opened 2", "closed 2"}));
}

CAF_TEST(a wide cause that comes and goes merges nothing) {
  two_of_three all;
  for (int round = 0; round < 40; ++round) {
    all.all_fail();
    all.look(2);
    all.other_well();
    all.look(2);
  }
  CAF_CHECK_EQUAL(all.run.count(incident_event::merged), 0u);
  CAF_CHECK_EQUAL(all.run.told, both_opened);
}

CAF_TEST(a wide cause of a moment is no news beside old incidents) {
  two_of_three all;
  all.look(1, 1h);
  all.all_fail();
  all.look(2);
  all.other_well();
  all.look(60);
  CAF_CHECK_EQUAL(all.run.told, both_opened);
  CAF_CHECK_EQUAL(all.run.book.open_count(), 2u);
}

CAF_TEST(a group of which the last one fails for a moment is no news) {
  named_world world{4, 60, false};
  world.all_well();
  book_run run;
  for (std::uint32_t target = 0; target < 6; ++target) {
    world.group(target, "rack=9");
  }
  for (std::uint32_t target = 0; target < 5; ++target) {
    fail_target(world, 4, target, 12);
    run.look({world.picture()}, 1h);
  }
  const auto told = run.told;
  const auto open = run.book.open_count();
  fail_target(world, 4, 5, 1);
  run.look({world.picture()}, 1s);
  fail_target(world, 4, 5, 0);
  run.look({world.picture()}, 1s);
  CAF_CHECK_EQUAL(run.told, told);
  CAF_CHECK_EQUAL(run.book.open_count(), open);
}

CAF_TEST(a wide cause that holds as long as the results of an opening merges) {
  two_of_three all;
  all.all_fail();
  all.look(30);
  CAF_CHECK_EQUAL(all.run.count(incident_event::merged), 0u);
  all.look(2);
  CAF_CHECK_EQUAL(all.run.count(incident_event::merged), 1u);
  CAF_CHECK_EQUAL(all.run.book.open_count(), 1u);
  CAF_CHECK_EQUAL(all.run.told, (told_list{"opened 1", "opened 2", "closed 2"}));
  // And it stays one when the cause falls apart.
  all.other_well();
  all.look(60);
  CAF_CHECK_EQUAL(all.run.book.open_count(), 1u);
}

CAF_TEST(where one result opens an incident one look merges) {
  two_of_three all;
  all.run.book.configure({.results = 1});
  all.all_fail();
  all.look();
  CAF_CHECK_EQUAL(all.run.count(incident_event::merged), 1u);
}

CAF_TEST(what rests on sources that are behind merges nothing) {
  two_of_three all;
  all.world.behind(1);
  all.all_fail(12);
  all.look(300);
  CAF_CHECK_EQUAL(all.run.count(incident_event::merged), 0u);
  CAF_CHECK_EQUAL(all.run.book.open_count(), 2u);
  all.world.behind(1, false);
  all.look();
  CAF_CHECK_EQUAL(all.run.count(incident_event::merged), 1u); // it has been seen for long
}

CAF_TEST(a single result makes no failure worse) {
  named_world world{5, 50, false};
  book_run run;
  world.all_well();
  for (std::uint32_t source = 0; source < 3; ++source) {
    world.result(source, 7, 12);
  }
  run.look({world.picture()});
  CAF_REQUIRE_EQUAL(run.told, told_list{"opened 1"});
  CAF_CHECK(run.said.at(0).now.severity == incident_severity::warning);
  for (std::uint32_t failures = 1; failures <= 3; ++failures) {
    world.result(3, 7, failures);
    run.look({world.picture()});
    CAF_CHECK_EQUAL(run.told.size(), failures < 3 ? 1u : 2u);
  }
  CAF_CHECK_EQUAL(run.told, (told_list{"opened 1", "escalated 1"}));
}

CAF_TEST(what fails for longer before it is seen is worse at once) {
  named_world world{8, 50, false};
  book_run run;
  world.all_well();
  world.result(0, 7, 12);
  run.look({world.picture()});
  fail_target(world, 8, 7, 12);
  run.look({world.picture()}, 1s);
  CAF_CHECK_EQUAL(run.told, (told_list{"opened 1", "escalated 1"}));
}

} // namespace incident_moments_suite
