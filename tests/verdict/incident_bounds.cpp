#define CAF_SUITE incident_bounds

#include <chrono>
#include <map>
#include <random>
#include <set>
#include <utility>

#include "support/incident_worlds.hpp"

#include "caf/test/unit_test.hpp"

// What an incident book may take, and what holds whatever it is given.

namespace incident_bounds_suite {

using namespace worlds;
using namespace std::chrono_literals;

CAF_TEST(no more than so many are open) {
  named_world world{4, 200, false};
  world.all_well();
  book_run run{{.most_open = 5}};
  // Nine, each in another state for another time: below what counts as a burst.
  for (std::uint32_t target = 0; target < 9; ++target) {
    fail_target(world, 4, target * 7, 3 + target);
  }
  run.look({world.picture()});
  CAF_CHECK_EQUAL(run.book.open_count(), 5u);
  CAF_CHECK_EQUAL(run.book.left_out(), 4u);
}

CAF_TEST(of very many causes the widest are looked at) {
  named_world world{4, 400, false};
  world.all_well();
  book_run run{{.most_open = 5}};
  for (std::uint32_t target = 0; target < 30; ++target) {
    fail_target(world, 4, target * 7, 3);
  }
  run.look({world.picture()});
  CAF_CHECK_EQUAL(run.book.open_count(), 5u);
  CAF_CHECK_EQUAL(run.book.left_out(), 25u);
}

CAF_TEST(very many single targets do not keep what is wider secret) {
  named_world world{4, 400, false};
  world.all_well();
  book_run run{{.most_open = 10}};
  for (std::uint32_t target = 0; target < 12; ++target) {
    fail_target(world, 4, target * 7, 3 + target);
  }
  run.look({world.picture()});
  CAF_CHECK_EQUAL(run.book.open_count(), 9u);
  CAF_CHECK_EQUAL(run.book.left_out(), 3u);
  for (std::uint32_t target = 300; target < 310; ++target) {
    world.group(target, "rack=9");
    fail_target(world, 4, target, 3);
  }
  run.look({world.picture()});
  CAF_CHECK_EQUAL(run.book.open_count(), 10u);
  CAF_CHECK(run.book.open().back().summary.starts_with("targets of rack=9"));
}

CAF_TEST(certificates that are left out are counted beside causes) {
  named_world world{4, 50, false};
  world.all_well();
  book_run run{{.most_open = 1}};
  fail_target(world, 4, 7, 3);
  fail_target(world, 4, 9, 4);
  run.look({world.picture()});
  CAF_CHECK_EQUAL(run.book.left_out(), 1u);
  std::vector<certificate_sighting> ending;
  for (const auto* name : {"a", "b", "c"}) {
    const auto target = "https://" + std::string{name} + ".example/";
    ending.push_back({target, "http", name, "example", run.now + 24h, {}});
  }
  run.take(
      run.book.observe_certificates(ending, [](std::string_view) { return true; }, {}, run.now));
  CAF_CHECK_EQUAL(run.book.left_out(), 3u);
  run.look({world.picture()});
  CAF_CHECK_EQUAL(run.book.left_out(), 3u);
}

CAF_TEST(a timeline keeps its first entry and the newest) {
  named_world world{4, 50, false};
  world.all_well();
  book_run run;
  for (std::uint32_t i = 0; i < 300; ++i) {
    fail_target(world, 4, 7, 3, i % 2);
    run.look({world.picture()}, 60s);
  }
  const auto open = run.book.open();
  CAF_REQUIRE_EQUAL(open.size(), 1u);
  CAF_CHECK_EQUAL(open[0].timeline.size(), incident::most_entries);
  CAF_CHECK(open[0].timeline.front().event == incident_event::opened);
  CAF_CHECK(open[0].timeline.back().event == incident_event::reason);
  CAF_CHECK_EQUAL(open[0].entries_dropped, 200u);
}

CAF_TEST(a hundred thousand targets that fail at once are one incident) {
  constexpr std::uint32_t targets = 100'000;
  named_world world{1, targets + 50'000, false};
  named_world other{1, 10, false, 0, "dns"};
  world.all_well();
  other.all_well();
  for (std::uint32_t target = 0; target < targets; ++target) {
    world.result(0, target, 3);
  }
  for (std::uint32_t target = 0; target < targets; ++target) {
    world.group(target, "site=a");
  }
  auto picture = world.picture();
  book_run run;
  const auto before = std::chrono::steady_clock::now();
  run.look({picture, other.picture()});
  const auto opened = std::chrono::steady_clock::now();
  run.look({picture, other.picture()});
  const auto again = std::chrono::steady_clock::now();
  CAF_MESSAGE("opening took " << to_ms(opened - before) << " ms, the next look "
                              << to_ms(again - opened) << " ms");
  CAF_CHECK_EQUAL(run.told, told_list{"opened 1"});
  CAF_CHECK(run.book.open()[0].targets.affected == targets);
  CAF_CHECK(run.book.open()[0].target_keys.size() == incident::most_keys);
  CAF_CHECK(opened - before < 5s);
}

CAF_TEST(whatever comes each incident is told once to open and once to close) {
  std::mt19937 random{7};
  for (int world_number = 0; world_number < 20; ++world_number) {
    named_world world{6, 6, true};
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> failing;
    world.all_well();
    book_run run;
    incident_book twin{{}};
    for (int step = 0; step < 150; ++step) {
      const auto region = random() % 6;
      const bool dark = random() % 3 == 0;
      for (std::uint32_t other = 0; other < 6; ++other) {
        for (const auto& pair :
             {std::pair{other, std::uint32_t(region)}, std::pair{std::uint32_t(region), other}}) {
          if (pair.first != pair.second) {
            auto& run_of_pair = failing[pair];
            run_of_pair = dark && random() % 10 != 0 ? run_of_pair + 1 + random() % 3 : 0;
            world.result(pair.first, pair.second, run_of_pair);
          }
        }
      }
      if (random() % 20 == 0) { // restart with what was stored
        auto stored = run.book.open();
        for (const auto& change : run.said) {
          if (!change.now.open()) {
            stored.push_back(change.now);
          }
        }
        const auto last = run.book.last_id();
        run.book = incident_book{{}};
        run.book.restore(stored, last);
        twin = incident_book{{}};
        twin.restore(stored, last);
      }
      const auto said = run.said.size();
      run.look({world.picture()});
      const kind_picture kinds[] = {world.picture()};
      const auto same = twin.observe(kinds, {}, run.now);
      CAF_REQUIRE_EQUAL(same.size(), run.said.size() - said);
      for (std::size_t i = 0; i < same.size(); ++i) {
        CAF_REQUIRE(same[i].now == run.said[said + i].now);
      }
    }
    world.all_well();
    for (int i = 0; i < 100; ++i) {
      run.look({world.picture()}, 60s);
    }
    CAF_CHECK_EQUAL(run.book.open_count(), 0u);
    const std::set<std::string> once{run.told.begin(), run.told.end()};
    CAF_CHECK_EQUAL(once.size(), run.told.size());
    for (std::uint64_t id = 1; id <= run.book.last_id(); ++id) {
      CAF_CHECK(once.contains("opened " + std::to_string(id)));
      CAF_CHECK(once.contains("closed " + std::to_string(id)));
    }
  }
}

} // namespace incident_bounds_suite
