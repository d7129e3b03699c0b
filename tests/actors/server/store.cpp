#define CAF_SUITE store

#include "xprober/actors/server/store.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "support/old_names.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/kind_table.hpp"

#include "support/actor_fixture.hpp"
#include "support/actor_reaper.hpp"
#include "support/fake_stats.hpp"

namespace store_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t noon = 1'700'000'000;

wire_value value(std::string_view metric, float v, std::int64_t stamp = noon,
                 std::string target = "10.0.0.1") {
  return {"10.9.0.1", std::string{metric}, std::move(target), "us", "eu", "icmp", stamp, v};
}

struct fixture : xprober_fixture {
  std::shared_ptr<std::vector<ingest_stats>> told = std::make_shared<std::vector<ingest_stats>>();
  stats_actor stats = fake_stats::spawn(
      sys, [told = told](const ingest_stats& section) { told->push_back(section); });
  store_actor st = sys.spawn(store, stats, caf::timespan{300s});
  actor_reaper reaper{*this};

  fixture() {
    log::set_level(log::level::off);
    consume_messages();
  }

  ~fixture() override {
    caf::anon_send_exit(st, caf::exit_reason::kill);
    consume_messages();
  }

  template <class Result, class... Args>
  Result ask(Args&&... args) {
    auto handle = self->request(st, caf::infinite, std::forward<Args>(args)...);
    consume_messages();
    Result result{};
    handle.receive([&](Result& r) { result = std::move(r); },
                   [&](caf::error& e) { CAF_FAIL(sys.render(e)); });
    return result;
  }

  std::int32_t push(std::vector<wire_value> values) {
    return ask<push_response>(push_request{std::move(values)}).success_num;
  }

  store_view view(bool with_targets = false) { return ask<store_view>(store_query{with_targets}); }

  void pass(std::chrono::milliseconds time) {
    consume_messages();
    for (auto at = 0ms; at < time; at += 100ms) {
      advance_time(100ms);
      consume_messages();
    }
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(store_tests, fixture)

CAF_TEST(a push answers with the number of values taken) {
  CAF_CHECK_EQUAL(push({value(old_names::ping_success, 1), value("nonsense", 1),
                        value(old_names::ping_latency, 7)}),
                  2);
  CAF_CHECK_EQUAL(push({}), 0);
  const auto all = view(true);
  CAF_REQUIRE_EQUAL(all->kinds.size(), 1u);
  CAF_CHECK(all->kinds[0].headline_ms(all->kinds[0].groups.at(0)) == 7.0);
  CAF_CHECK_EQUAL(all->targets.size(), 1u);
  CAF_CHECK(view(false)->targets.empty());
}

CAF_TEST(what is pushed is seen by the next snapshot) {
  push({value(old_names::ping_success, 1), value(old_names::ping_latency, 7)});
  push({value(old_names::ping_success, -1, noon + 15)});
  const auto all = view()->kinds.at(0);
  CAF_CHECK_EQUAL(all.groups.at(0).sums.success(*all.kind), -1.0);
  CAF_CHECK(!all.headline_ms(all.groups[0]));
}

CAF_TEST(what is to be remembered is said in steps and is no more than has failed) {
  std::vector<wire_value> failing;
  for (int i = 0; i < 6000; ++i) {
    failing.push_back(value(old_names::ping_success, -1, noon, "host-" + std::to_string(i)));
  }
  push(failing);
  push({value(old_names::ping_success, 1, noon, "well")});
  std::vector<std::size_t> steps;
  std::set<std::string> addresses;
  std::optional<kept_states_request> next = kept_states_request{};
  while (next && steps.size() < 10) {
    const auto page = ask<kept_page>(*next);
    steps.push_back(page.states->size());
    for (const auto& series : *page.states) {
      addresses.insert(series.address);
    }
    next = page.next;
  }
  CAF_CHECK_EQUAL(steps, (std::vector<std::size_t>{5000, 1000}));
  CAF_CHECK_EQUAL(addresses.size(), 6000u);
  CAF_CHECK(!addresses.contains("well"));
}

CAF_TEST(results disappear after their time to live) {
  push({value(old_names::ping_success, 1)});
  pass(299s);
  CAF_CHECK_EQUAL(view(true)->targets.size(), 1u);
  pass(2s);
  CAF_CHECK(view(true)->targets.empty());
  pass(1s);
  CAF_CHECK_EQUAL(told->back().stored_series, 0u);
}

CAF_TEST(a shorter time to live counts at once) {
  push({value(old_names::ping_success, 1)});
  pass(10s);
  caf::anon_send(st, set_result_ttl{5s});
  pass(200ms);
  CAF_CHECK(view(true)->targets.empty());
  CAF_CHECK_EQUAL(told->back().stored_series, 0u);
}

CAF_TEST(a removed target goes at once and stays away until it is welcome) {
  const forget_targets first{{{"eu", "10.0.0.1", kinds::icmp()}}};
  push({value(old_names::ping_success, 1), value(old_names::ping_success, 1, noon, "10.0.0.2")});
  caf::anon_send(st, first);
  CAF_CHECK_EQUAL(view(true)->targets.size(), 1u);
  CAF_CHECK_EQUAL(push({value(old_names::ping_success, 1, noon + 5)}), 1);
  CAF_CHECK_EQUAL(view(true)->targets.size(), 1u);
  caf::anon_send(st, welcome_targets{first.targets});
  push({value(old_names::ping_success, 1, noon + 10)});
  CAF_CHECK_EQUAL(view(true)->targets.size(), 2u);
}

CAF_TEST(what is wanted and was never reported is told until there is a result) {
  auto all = expand_targets({{"icmp", "eu", {"10.0.0.1"}, {"us"}}}, 10);
  CAF_REQUIRE(all.catalog != nullptr);
  const wanted_targets_ptr wanted = std::make_shared<const wanted_targets>(
      target_universe{all.catalog, {}}, std::vector<agent_identity>{},
      std::vector<agent_identity>{}, nullptr, 17U);
  caf::anon_send(st, wanted);
  const auto before = view(true);
  CAF_REQUIRE_EQUAL(before->targets.size(), 1u);
  CAF_CHECK(before->targets[0].status.state == series_state::never);
  CAF_CHECK_EQUAL(before->targets[0].status.since_unix, 17u);
  CAF_REQUIRE_EQUAL(before->never.size(), 1u);
  push({value(old_names::ping_success, 1)});
  const auto after = view(true);
  CAF_REQUIRE_EQUAL(after->targets.size(), 1u);
  CAF_CHECK(after->targets[0].status.state == series_state::ok);
  CAF_CHECK(after->never.empty());
}

CAF_TEST(stats hears of the first push at once and then of many together) {
  for (int i = 0; i < 50; ++i) {
    push({value(old_names::ping_success, 1, noon + i), value("nonsense", 1)});
  }
  CAF_REQUIRE_EQUAL(told->size(), 1u);
  CAF_CHECK_EQUAL(told->back().received, 2u);
  pass(1s);
  CAF_REQUIRE_EQUAL(told->size(), 2u);
  CAF_CHECK_EQUAL(told->back().received, 100u);
  CAF_CHECK_EQUAL(told->back().accepted, 50u);
  CAF_CHECK_EQUAL(told->back().rejected, 50u);
  CAF_CHECK_EQUAL(told->back().duplicate_batches, 0u);
  CAF_CHECK_EQUAL(told->back().stored_series, 1u);
  push({value(old_names::ping_success, 1, noon + 99)});
  CAF_CHECK_EQUAL(told->size(), 3u);
  CAF_CHECK_EQUAL(told->back().received, 101u);
  pass(1s);
  CAF_CHECK_EQUAL(told->size(), 3u);
}

CAF_TEST(more rows than one sweep drops still go in a moment) {
  std::vector<wire_value> batch;
  for (int i = 0; i < 45'000; ++i) {
    batch.push_back(value(old_names::ping_success, 1, noon, "host-" + std::to_string(i)));
  }
  CAF_CHECK_EQUAL(push(std::move(batch)), 45'000);
  // Nor does a page of them come in one go, and only so many are made at once.
  const store_query page{false, std::make_shared<const target_question>()};
  auto first = self->request(st, caf::infinite, page);
  for (std::size_t i = 1; i < most_pages; ++i) {
    self->request(st, caf::infinite, page);
  }
  auto refused = self->request(st, caf::infinite, page);
  consume_messages();
  refused.receive([](const store_view&) { CAF_FAIL("it was made"); }, [](const caf::error&) {});
  for (std::size_t turn = 0; turn < 3 * most_pages; ++turn) {
    advance_time(1ms);
    consume_messages();
  }
  first.receive(
      [](const store_view& made) {
        CAF_CHECK_EQUAL(made->matching, 45'000u);
        CAF_CHECK_EQUAL(made->targets.size(), 100u);
      },
      [this](const caf::error& e) { CAF_FAIL(sys.render(e)); });
  pass(299s);
  CAF_CHECK(view()->kinds.at(0).groups.at(0).sums.rows == 45'000u);
  pass(2s);
  CAF_CHECK_EQUAL(told->back().stored_series, 0u);
}

CAF_TEST(states are told in pieces and the next one when the last was taken) {
  auto pieces = std::make_shared<std::vector<series_changes_ptr>>();
  auto held = std::make_shared<std::vector<caf::response_promise>>();
  using held_promises = std::shared_ptr<std::vector<caf::response_promise>>;
  // With an argument: the framework dereferences a null pointer when there is none.
  auto watcher = reaper.keep(sys.spawn(
      [pieces](caf::event_based_actor* me, const held_promises& kept) -> caf::behavior {
        return {[me, pieces, kept](const series_changes_ptr& changes) {
                  pieces->push_back(changes);
                  kept->push_back(me->make_response_promise());
                  return kept->back();
                },
                [kept](report_atom) { kept->back().deliver(done_atom_v); }};
      },
      held));
  const auto take = [&] {
    caf::anon_send(watcher, report_atom_v);
    consume_messages();
  };
  std::vector<wire_value> values;
  constexpr std::size_t count = state_feed::piece + 1;
  for (std::size_t i = 0; i < count; ++i) {
    values.push_back(value(old_names::ping_success, 1, noon,
                           "10." + std::to_string(i / 65536) + "." + std::to_string(i / 256 % 256) +
                               "." + std::to_string(i % 256)));
  }
  push(values);
  caf::anon_send(st, watch_states{watcher});
  consume_messages();
  CAF_REQUIRE_EQUAL(pieces->size(), 1U);
  CAF_CHECK_EQUAL(pieces->back()->series.size(), state_feed::piece);
  CAF_CHECK(pieces->back()->more);

  // Nobody waits for the watcher, and it is told no more before it has taken that.
  CAF_CHECK_EQUAL(push({value(old_names::ping_success, -1, noon + 15)}), 1);
  CAF_CHECK_EQUAL(push({value(old_names::ping_success, -1, noon + 30)}), 1);
  pass(5s);
  CAF_CHECK_EQUAL(pieces->size(), 1U);

  take();
  CAF_REQUIRE_EQUAL(pieces->size(), 2U);
  CAF_CHECK(!pieces->back()->more);
  take();
  std::size_t series = 0;
  for (const auto& changes : *pieces) {
    series += changes->series.size();
  }
  CAF_CHECK_EQUAL(series, count + 1); // the one that failed twice came again, once
  pass(2s);
  CAF_CHECK_EQUAL(pieces->size(), 2U);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace store_suite
