#define CAF_SUITE incident_backlog

#include <chrono>

#include "support/incident_worlds.hpp"

#include "caf/test/unit_test.hpp"

namespace incident_backlog_suite {

using namespace worlds;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t sources = 8;

/// Eight sources that were cut off; meanwhile a target has died.
struct cut_off {
  cut_off() { world.all_well(); }

  void look(bool behind) {
    auto picture = world.picture();
    picture.behind = behind;
    run.look({picture}, 1s);
  }
  std::string told_of(std::size_t place) const { return run.said.at(place).now.summary; }

  named_world world{sources, 50, false};
  book_run run;
};

} // namespace

CAF_TEST(what one source after the other delivers late is one incident) {
  cut_off all;
  all.look(true);
  for (std::uint32_t source = 0; source < sources; ++source) {
    all.world.result(source, 7, 12); // the backlog of one source is there in half a second
    all.look(true);
    CAF_CHECK_EQUAL(all.run.book.open_count(), all.run.told.size());
    CAF_CHECK(source > 6 || all.run.told.empty());
  }
  all.look(false);
  all.look(false);
  CAF_CHECK_EQUAL(all.run.told, told_list{"opened 1"});
  CAF_CHECK_EQUAL(all.run.count(incident_event::merged), 0u);
  CAF_CHECK(all.told_of(0).starts_with("target host-7: 8 of 8 sources fail to reach it"));
}

CAF_TEST(without a backlog nothing waits) {
  cut_off all;
  all.world.result(3, 7, 12);
  all.look(false);
  CAF_CHECK_EQUAL(all.run.told, told_list{"opened 1"});
}

CAF_TEST(what has come in is told with the look after) {
  cut_off all;
  all.world.result(3, 7, 12);
  all.look(true);
  all.look(true);
  CAF_CHECK(all.run.told.empty());
  all.look(false);
  CAF_CHECK_EQUAL(all.run.told, told_list{"opened 1"});
}

CAF_TEST(a backlog without an end holds nothing back for ten seconds) {
  cut_off all;
  std::chrono::seconds waited{0};
  for (std::uint32_t source = 0; all.run.told.empty() && waited < 60s; ++source) {
    // What is blamed changes all the time.
    all.world.result(source % sources, 7, 12);
    all.look(true);
    waited += all.run.told.empty() ? 1s : 0s;
  }
  CAF_CHECK_EQUAL(all.run.told, told_list{"opened 1"});
  CAF_CHECK(waited < 10s);
  CAF_CHECK(waited == incident_book::backlog_patience);
}

CAF_TEST(what has just begun to fail is told ten seconds after its agents know it) {
  cut_off all;
  fail_target(all.world, sources, 7, 3);
  std::chrono::seconds waited{0};
  while (all.run.told.empty() && waited < 60s) {
    all.look(true);
    waited += all.run.told.empty() ? 1s : 0s;
  }
  CAF_CHECK(waited == incident_book::fresh_patience);
  // A push each five seconds, half a second of the store's, and a look each second.
  CAF_CHECK(5s + 500ms + 1s + waited < 10s);
}

CAF_TEST(results that come one after the other faster than they are made are a backlog) {
  cut_off all;
  for (const std::uint32_t failures : {3U, 8U, 12U, 12U, 12U, 12U, 12U}) {
    all.world.result(3, 7, failures);
    all.look(true);
  }
  CAF_CHECK(all.run.told.empty());
}

CAF_TEST(what waited and was over before it was told does not shorten the next wait) {
  cut_off all;
  all.world.result(3, 7, 12);
  for (int i = 0; i < 6; ++i) {
    all.look(true);
  }
  all.world.result(3, 7, 0);
  all.look(true);
  all.world.result(3, 7, 12);
  for (int i = 0; i < 6; ++i) {
    all.look(true);
  }
  CAF_CHECK(all.run.told.empty());
}

CAF_TEST(what is open goes on while others are behind) {
  cut_off all;
  fail_target(all.world, sources, 7, 12);
  all.look(false);
  CAF_CHECK_EQUAL(all.run.told, told_list{"opened 1"});
  for (int i = 0; i < 300; ++i) {
    all.look(true);
  }
  CAF_CHECK_EQUAL(all.run.book.open_count(), 1u);
  all.world.all_well();
  for (int i = 0; i < 60; ++i) {
    all.look(true);
  }
  CAF_CHECK_EQUAL(all.run.told, (told_list{"opened 1", "closed 1"}));
}

CAF_TEST(an old incident stays open while a wider one waits) {
  cut_off all;
  all.world.result(0, 7, 12);
  all.look(false);
  for (int i = 0; i < 700; ++i) { // until whatever it grows to is news
    all.look(false);
  }
  CAF_CHECK_EQUAL(all.run.told, told_list{"opened 1"});
  fail_target(all.world, sources, 7, 12);
  for (int i = 0; i < 5; ++i) {
    all.look(true);
    CAF_CHECK_EQUAL(all.run.told, told_list{"opened 1"});
    CAF_CHECK_EQUAL(all.run.book.open_count(), 1u);
  }
  all.look(false);
  CAF_CHECK_EQUAL(all.run.count(incident_event::merged), 1u);
  CAF_CHECK_EQUAL(all.run.told, (told_list{"opened 1", "closed 1", "opened 2"}));
}

CAF_TEST(probers in trouble are told although others are behind) {
  cut_off all;
  all.world.trouble_of(2, prober_trouble::overload);
  for (int i = 0; i < 32; ++i) {
    all.look(true);
  }
  CAF_CHECK_EQUAL(all.run.told, told_list{"opened 1"});
}

} // namespace incident_backlog_suite
