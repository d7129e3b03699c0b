#define CAF_SUITE series_keeper

#include "xprober/actors/server/series_keeper.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/folder.hpp"
#include "xprober/actors/stats.hpp"
#include "xprober/base/log.hpp"

#include "support/fake_store.hpp"

#include "support/actor_reaper.hpp"

namespace series_keeper_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

using series_list = std::vector<storage::kept_series>;

series_list named(const std::string& address) {
  storage::kept_series series;
  series.address = address;
  return {series};
}

/// What a store knows, and what it was told.
struct known {
  series_list series;
  bool silent = false;                    ///< it answers with an error
  std::optional<std::uint32_t> silent_at; ///< likewise when it is asked for this row
  int asked = 0;
  std::vector<series_list> restored;
};

struct fixture : xprober_fixture {
  fixture() { log::set_level(log::level::off); }

  test::folder folder;
  std::shared_ptr<known> said = std::make_shared<known>();
  actor_reaper reaper{*this};
  stats_actor counters = reaper.keep(sys.spawn(stats, stats_identity{"server", "1"}));
  store_actor values = reaper.keep(spawn_store());
  series_keeper_actor subject = open();

  store_actor spawn_store() {
    const auto asked = [told = said](const kept_states_request& from) -> caf::result<kept_page> {
      told->asked += from.row == 0 ? 1 : 0;
      if (told->silent || from.row == told->silent_at) {
        return caf::make_error(caf::sec::runtime_error);
      }
      kept_page page;
      const auto last = from.row + 1 >= told->series.size();
      page.states = std::make_shared<const series_list>(
          from.row < told->series.size() ? series_list{told->series[from.row]} : series_list{});
      if (!last) {
        page.next = kept_states_request{0, from.row + 1};
      }
      return page;
    };
    const auto restored = [told = said](const kept_states& kept) {
      told->restored.push_back(*kept);
    };
    return fake_store::spawn(sys, fake_stats::any_of{asked, restored});
  }

  series_keeper_actor open() {
    return reaper.keep(sys.spawn(series_keeper, folder.path(), values, counters));
  }
  void restore() { CAF_CHECK(reaper.ask<done_atom>(subject, restore_atom_v)); }
  void crash() {
    caf::anon_send_exit(subject, caf::exit_reason::kill);
    reaper.settle();
    subject = open();
  }
  /// What the next one gives the store.
  series_list after_crash() {
    crash();
    said->restored.clear();
    restore();
    CAF_REQUIRE_EQUAL(said->restored.size(), 1u);
    return said->restored.front();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(series_keeper_tests, fixture)

CAF_TEST(every minute the store is asked and a crash loses no more than that) {
  restore();
  CAF_REQUIRE_EQUAL(said->restored.size(), 1u);
  CAF_CHECK(said->restored.front().empty());
  said->series = named("a");
  reaper.pass(59s);
  CAF_CHECK_EQUAL(said->asked, 0);
  reaper.pass(1s);
  CAF_CHECK_EQUAL(said->asked, 1);
  said->series = named("b");
  CAF_CHECK(after_crash() == named("a"));
  reaper.pass(180s);
  CAF_CHECK_EQUAL(said->asked, 4);
  CAF_CHECK(after_crash() == named("b"));
}

CAF_TEST(what is known at the end is kept) {
  restore();
  said->series = named("a");
  CAF_CHECK(reaper.ask<done_atom>(subject, stop_atom_v));
  said->series = named("b");
  reaper.pass(300s);
  CAF_CHECK_EQUAL(said->asked, 1);
  CAF_CHECK(after_crash() == named("a"));
}

CAF_TEST(what the store says in steps is kept as a whole or not at all) {
  restore();
  const auto three = [](const std::string& a, const std::string& b, const std::string& c) {
    return series_list{named(a)[0], named(b)[0], named(c)[0]};
  };
  said->series = three("a", "b", "c");
  reaper.pass(60s);
  CAF_CHECK(after_crash() == three("a", "b", "c"));
  said->series = three("d", "e", "f");
  said->silent_at = 2;
  reaper.pass(60s);
  CAF_CHECK(after_crash() == three("a", "b", "c"));
  said->silent_at.reset();
  reaper.pass(60s);
  CAF_CHECK(after_crash() == three("d", "e", "f"));
}

CAF_TEST(nothing is written before it has begun) {
  restore();
  said->series = named("a");
  reaper.pass(60s);
  crash();
  said->series.clear();
  reaper.pass(300s);
  CAF_CHECK(reaper.ask<done_atom>(subject, stop_atom_v));
  CAF_CHECK_EQUAL(said->asked, 1);
  CAF_CHECK(after_crash() == named("a"));
}

CAF_TEST(a store that says nothing leaves what was kept) {
  restore();
  said->series = named("a");
  reaper.pass(60s);
  said->silent = true;
  reaper.pass(60s);
  CAF_CHECK(reaper.ask<done_atom>(subject, stop_atom_v));
  said->silent = false;
  CAF_CHECK(after_crash() == named("a"));
}

CAF_TEST(while there can be no file it is tried again every minute) {
  std::filesystem::create_directory(folder.file("series.db"));
  restore();
  CAF_CHECK(said->restored.empty());
  said->series = named("a");
  reaper.pass(60s);
  CAF_CHECK(reaper.state_of<series_keeper_state>(subject).failing);
  std::filesystem::remove(folder.file("series.db"));
  reaper.pass(60s);
  CAF_CHECK(!reaper.state_of<series_keeper_state>(subject).failing);
  CAF_CHECK(after_crash() == named("a"));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace series_keeper_suite
