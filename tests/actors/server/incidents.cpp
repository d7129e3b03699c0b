#define CAF_SUITE incidents

#include "xprober/actors/server/incidents.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "xprober/base/log.hpp"
#include "xprober/domain/kind_table.hpp"

#include "storage/folder.hpp"

#include "support/actor_fixture.hpp"
#include "support/fake_stats.hpp"
#include "support/fake_store.hpp"
#include "support/fake_target_pool.hpp"

namespace incidents_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

/// What the incidents actor asked of others, and what they answer.
struct heard {
  int watches_states = 0;
  int watches_agents = 0;
  int watches_labels = 0;
  std::vector<certificate_request> certificate_requests;
  std::vector<seen_certificate> certificates;
  std::vector<store_query> tallies;
  state_numbers states{}; ///< of each group that is counted
};

registry_actor::behavior_type fake_agents(registry_actor::pointer, std::shared_ptr<heard> told) {
  return {
      [](const agent_seen&) {},
      [](expire_leases_atom) {},
      [](tell_mesh_atom) {},
      [](const set_mesh_lease&) {},
      [](serving_atom) {},
      [](const agent_clock&) {},
      [](const agent_delivery&) {},
      [](const agent_lapse&) {},
      [](const agent_gone&) { return false; },
      [](const retire_agent&) { return false; },
      [](const set_mesh_forget&) {},
      [](const set_mesh_gate&) {},
      [told](const watch_agents&) { ++told->watches_agents; },
      [](get_agents_atom) { return agent_listing{}; },
  };
}

struct fixture : xprober_fixture {
  std::shared_ptr<heard> told = std::make_shared<heard>();
  std::shared_ptr<incident_stats> counts = std::make_shared<incident_stats>();
  stats_actor stats = fake_stats::spawn(
      sys, [counts = counts](const incident_stats& section) { *counts = section; });
  incidents_actor subject;
  bool more = false; ///< of the list with which the store begins

  fixture() {
    log::set_level(log::level::off);
    begin_in({});
  }
  ~fixture() override { end(); }

  void end() {
    caf::anon_send_exit(subject, caf::exit_reason::kill);
    consume_messages();
  }

  /// Another one takes the place of the one that is there.
  void begin_in(const std::string& directory) {
    if (subject) {
      end();
    }
    incident_rules rules;
    rules.receivers = {"webhook"};
    subject = sys.spawn(
        incidents, directory, rules, 1U,
        incident_sources{spawn_store(), sys.spawn(fake_agents, told), spawn_pool(), stats});
    consume_messages();
  }

  /// As after a restart of all: what was told before is told again.
  void begin_anew(const std::string& directory) {
    first = true;
    held = {};
    begin_in(directory);
  }

  store_actor spawn_store() {
    const auto watched = [told = told](const watch_states& by) {
      told->watches_states += by.watcher ? 1 : 0;
    };
    const auto asked = [told = told](const certificate_request& wanted) -> certificate_list {
      told->certificate_requests.push_back(wanted);
      return std::make_shared<const std::vector<seen_certificate>>(told->certificates);
    };
    const auto counted = [told = told](const store_query& query) -> store_view {
      told->tallies.push_back(query);
      auto out = std::make_shared<store_snapshot>();
      for (const auto& [name, terms] : query.page->tally->groups) {
        out->tally.push_back({name, told->states});
      }
      return out;
    };
    return fake_store::spawn(sys, fake_stats::any_of{watched, asked, counted});
  }

  target_pool_actor spawn_pool() {
    return fake_target_pool::spawn(sys,
                                   [told = told](const watch_labels&) { ++told->watches_labels; });
  }

  void agents(std::vector<std::string> regions) {
    auto listing = std::make_shared<agent_listing>();
    for (const auto& region : regions) {
      listing->agents.push_back(
          {{region, "10.0.0." + std::to_string(listing->agents.size())}, "", 0, 0, {}});
      listing->agents.back().probe_interval_ms = 100;
    }
    caf::anon_send(subject, agent_listing_ptr{listing});
    consume_messages();
  }

  /// One agent sees twenty URLs, the first of which has failed so often.
  void failing(std::uint8_t run) {
    auto changes = std::make_shared<series_changes>();
    if (std::exchange(first, false)) {
      changes->agents.push_back({0, "eu", "10.0.0.0"});
      for (std::uint32_t i = 0; i < 20; ++i) {
        changes->targets.push_back(
            {i,
             {"web", "https://host-" + std::to_string(i) + "/", kinds::http()},
             "http",
             false,
             false});
      }
      for (std::uint32_t i = 1; i < 20; ++i) {
        changes->series.push_back({0, i, {}, {series_state::ok, 0}});
      }
    }
    changes->failures.push_back({"refused", "connect", "nobody listens"});
    const series_sight now{run > 0 ? series_state::failing : series_state::ok, run};
    series_change change{0, 0, held, now};
    change.failure = run > 0 ? 0 : series_change::no_failure;
    change.since_unix = 1'767'268'800;
    changes->series.push_back(change);
    held = now;
    changes->more = more;
    caf::anon_send(subject, series_changes_ptr{changes});
    consume_messages();
  }

  void pass(std::chrono::milliseconds time) {
    consume_messages();
    for (auto at = 0ms; at < time; at += 250ms) {
      advance_time(250ms);
      consume_messages();
    }
  }

  template <class Result, class... Args>
  Result ask(Args&&... args) {
    auto handle = self->request(subject, caf::infinite, std::forward<Args>(args)...);
    consume_messages();
    Result result{};
    handle.receive([&](Result& r) { result = std::move(r); },
                   [&](caf::error& e) { CAF_FAIL(sys.render(e)); });
    return result;
  }
  std::vector<incident> listed(std::optional<bool> open = {}) {
    incident_request request;
    request.query.open = open;
    return ask<incident_answer>(request)->incidents;
  }
  std::vector<storage::queued_notice> due() {
    return *ask<notice_list>(notice_request{"webhook", 100});
  }

private:
  bool first = true;
  series_sight held{};
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(incidents_tests, fixture)

CAF_TEST(it begins to judge when the registry has said which agents there are) {
  CAF_CHECK_EQUAL(told->watches_agents, 1);
  CAF_CHECK_EQUAL(told->watches_states, 0);
  agents({"eu"});
  CAF_CHECK_EQUAL(told->watches_states, 1);
  CAF_CHECK_EQUAL(told->watches_labels, 1);
  agents({"eu", "us"});
  CAF_CHECK_EQUAL(told->watches_states, 1);
}

CAF_TEST(a target that fails three times is an incident and told once) {
  agents({"eu"});
  failing(2);
  pass(3s);
  CAF_CHECK(listed().empty());
  failing(3);
  pass(2s);
  auto all = listed(true);
  CAF_REQUIRE_EQUAL(all.size(), 1U);
  CAF_CHECK(all[0].kind == incident_kind::target);
  CAF_CHECK_EQUAL(all[0].reason, "refused");
  CAF_CHECK_EQUAL(all[0].phase, "connect");
  CAF_CHECK_EQUAL(all[0].detail, "nobody listens");
  const auto notices = due();
  CAF_REQUIRE_EQUAL(notices.size(), 1U);
  CAF_CHECK(notices[0].notice == incident_notice::opened);
  ask<done_atom>(notices_told{"webhook", notices[0].sequence});
  failing(4);
  pass(5s);
  CAF_CHECK(due().empty());
  CAF_CHECK_EQUAL(ask<incident_list>(open_incidents_atom_v)->size(), 1U);
  CAF_CHECK_EQUAL(counts->opened, 1U);
  std::uint64_t open = 0;
  for (const auto& count : counts->open) {
    open += count.incidents;
  }
  CAF_CHECK_EQUAL(open, 1U);
  CAF_CHECK_EQUAL(counts->open.size(), 12U);
}

CAF_TEST(nothing is judged before all that there is was told) {
  agents({"eu"});
  more = true;
  failing(3);
  pass(5s);
  CAF_CHECK(listed().empty());
  more = false;
  failing(4);
  pass(2s);
  CAF_CHECK_EQUAL(listed(true).size(), 1U);
}

CAF_TEST(it says when it has taken what changed) {
  agents({"eu"});
  const series_changes_ptr nothing = std::make_shared<const series_changes>();
  auto handle = self->request(subject, caf::infinite, nothing);
  consume_messages();
  handle.receive([](done_atom) {}, [&](const caf::error& why) { CAF_FAIL(sys.render(why)); });
}

CAF_TEST(what is told of an incident that is muted later is told to be closed) {
  agents({"eu"});
  failing(3);
  pass(2s);
  CAF_CHECK_EQUAL(due().size(), 1U);
  mute fresh;
  fresh.conditions = {{"reason", "refused"}};
  fresh.from = wall_clock::now() - 1s;
  fresh.until = wall_clock::now() + 1h;
  fresh.by = "ann";
  fresh.why = "it is being mended";
  CAF_CHECK(ask<mute_added>(add_mute{fresh}).id > 0);
  pass(2s);
  // Receivers that renew what is open renew it.
  const auto open = ask<incident_list>(open_incidents_atom_v);
  CAF_REQUIRE_EQUAL(open->size(), 1U);
  CAF_CHECK(open->front().told.has_value());
  CAF_CHECK_EQUAL(due().size(), 1U);
}

CAF_TEST(an incident is acknowledged by its number) {
  agents({"eu"});
  failing(3);
  pass(2s);
  const auto id = listed(true).at(0).id;
  const auto taken =
      ask<incident_ptr>(acknowledge_incident{id, {"ann", "on it", wall_clock::now()}});
  CAF_REQUIRE(taken != nullptr);
  CAF_CHECK_EQUAL(taken->acknowledged->by, "ann");
  const auto known = ask<incident_ptr>(incident_by_id{id});
  CAF_CHECK_EQUAL(known->acknowledged->note, "on it");
  CAF_CHECK(ask<incident_ptr>(acknowledge_incident{id + 1, {}}) == nullptr);
  CAF_CHECK(ask<incident_ptr>(incident_by_id{id + 1}) == nullptr);
}

CAF_TEST(it notes once a minute of which groups anything is known) {
  const auto known = [this] {
    incident_request request;
    request.with_known = true;
    return ask<incident_answer>(request)->known;
  };
  agents({"eu"});
  pass(2min);
  CAF_CHECK(told->tallies.empty());
  incident_rules rules;
  rules.groups = {{"Shop", {{"region", "web"}}}};
  caf::anon_send(subject, rules);
  told->states = {3, 0, 0, 0, 1, 2}; // never, a fault of the prober's own, stale
  pass(2min);
  CAF_REQUIRE(told->tallies.size() >= 2U);
  CAF_CHECK(known().empty());
  told->states = {0, 0, 0, 1, 0, 0}; // failing is known, too
  pass(61s);
  const auto spans = known();
  CAF_REQUIRE_EQUAL(spans.size(), 1U);
  CAF_CHECK_EQUAL(spans[0].name, "region=web\n");
  CAF_CHECK(to_unix_seconds(wall_clock::now()) - spans[0].to_unix < 60);
  CAF_CHECK(ask<incident_answer>(incident_request{})->known.empty());
}

CAF_TEST(a file that is removed while in use is begun anew with what is open) {
  const test::folder place;
  begin_in(place.path());
  agents({"eu"});
  failing(3);
  pass(2s);
  const auto id = listed(true).at(0).id;
  for (const auto* name : {"incidents.db", "incidents.db-wal"}) {
    std::filesystem::remove(place.file(name));
  }
  caf::anon_send(subject, acknowledge_incident{id, {"ann", "on it", wall_clock::now()}});
  pass(3s);
  begin_in(place.path());
  const auto found = listed(true);
  CAF_REQUIRE_EQUAL(found.size(), 1U);
  CAF_CHECK_EQUAL(found[0].id, id);
  CAF_CHECK(found[0].acknowledged.has_value());
}

CAF_TEST(what is to be told and mutes do not go with a file that is removed while in use) {
  const test::folder place;
  begin_in(place.path());
  agents({"eu"});
  failing(3);
  pass(2s);
  const auto sequence = due().at(0).sequence;
  mute fresh;
  fresh.conditions = {{"reason", "timeout"}};
  fresh.from = wall_clock::now() - 1s;
  fresh.until = wall_clock::now() + 1h;
  fresh.by = "ann";
  fresh.why = "it is being mended";
  const auto added = ask<mute_added>(add_mute{fresh}).id;
  for (const auto* name : {"incidents.db", "incidents.db-wal"}) {
    std::filesystem::remove(place.file(name));
  }
  caf::anon_send(subject, acknowledge_incident{listed(true).at(0).id, {"ann", "", {}}});
  pass(3s);
  begin_in(place.path());
  CAF_REQUIRE_EQUAL(due().size(), 1U);
  CAF_CHECK(due().at(0).sequence == sequence);
  const auto mutes = ask<mute_list>(get_mutes_atom_v);
  CAF_REQUIRE_EQUAL(mutes->size(), 1U);
  CAF_CHECK(mutes->front().id == added);
}

CAF_TEST(what is found while the disk takes nothing goes to it once it does) {
  const test::folder place;
  begin_in(place.path());
  agents({"eu"});
  failing(3);
  pass(2s);
  const auto before = listed(true).at(0).id;
  end();
  const auto kept = place.file("kept.db");
  std::filesystem::rename(place.file("incidents.db"), kept);
  std::filesystem::create_directory(place.file("incidents.db")); // cannot be opened
  begin_anew(place.path());
  agents({"eu"});
  failing(3);
  pass(2s);
  const auto meanwhile = listed(true).at(0).id;
  CAF_CHECK(meanwhile > before + 1'000'000);
  CAF_CHECK_EQUAL(due().size(), 1U);
  CAF_CHECK(!counts->problem.empty());
  pass(10s);
  CAF_CHECK(!counts->problem.empty());

  std::filesystem::remove(place.file("incidents.db"));
  std::filesystem::rename(kept, place.file("incidents.db"));
  pass(7s);
  CAF_CHECK_EQUAL(counts->problem, "");
  CAF_CHECK(ask<incident_ptr>(incident_by_id{before}) != nullptr);
  // Both are of the same cause: one of them is left, once that has held by the wall clock.
  for (int i = 0; i < 500 && listed(true).size() > 1; ++i) {
    pass(1s);
    std::this_thread::sleep_for(10ms);
  }
  CAF_CHECK_EQUAL(listed(true).size(), 1U);
  begin_anew(place.path());
  CAF_CHECK_EQUAL(listed(true).size(), 1U);
  CAF_CHECK(ask<incident_ptr>(incident_by_id{meanwhile}) != nullptr);
}

CAF_TEST(what is muted is told when the mute is taken away) {
  agents({"eu"});
  mute fresh;
  fresh.conditions = {{"reason", "refused"}};
  fresh.from = wall_clock::now() - 1s;
  fresh.until = wall_clock::now() + 1h;
  fresh.by = "ann";
  fresh.why = "it is being mended";
  const auto added = ask<mute_added>(add_mute{fresh});
  CAF_CHECK(added.id > 0);
  CAF_CHECK_EQUAL(ask<mute_list>(get_mutes_atom_v)->size(), 1U);
  failing(3);
  pass(2s);
  CAF_CHECK_EQUAL(listed(true).size(), 1U);
  CAF_CHECK(due().empty());
  CAF_CHECK(ask<bool>(remove_mute{added.id}));
  CAF_CHECK(!ask<bool>(remove_mute{added.id}));
  pass(2s);
  CAF_CHECK_EQUAL(due().size(), 1U);
}

CAF_TEST(a mute that is wrong is refused with a sentence) {
  auto handle = self->request(subject, caf::infinite, add_mute{});
  consume_messages();
  handle.receive([](const mute_added&) { CAF_FAIL("it was taken"); },
                 [](const caf::error& why) { CAF_CHECK(why == caf::sec::invalid_argument); });
}

CAF_TEST(a certificate that ends soon is an incident until another one is shown) {
  agents({"eu"});
  failing(0);
  const target_uid target{"web", "https://host-1/", kinds::http()};
  const auto end = to_unix_seconds(wall_clock::now() + 48h);
  told->certificates = {{target, "http", end}};
  pass(61s);
  auto all = listed(true);
  CAF_REQUIRE_EQUAL(all.size(), 1U);
  CAF_CHECK_EQUAL(std::string{alert_name(all[0])}, "XproberCertificate");
  CAF_CHECK(all[0].severity == incident_severity::warning);
  CAF_CHECK_EQUAL(due().size(), 1U);
  pass(60s);
  CAF_CHECK(told->certificate_requests.back().targets ==
            std::vector<std::string>{"https://host-1/"});
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace incidents_suite
