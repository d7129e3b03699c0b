#define CAF_SUITE store_shards

#include "xprober/actors/server/store_shards.hpp"

#include <memory>
#include <string>
#include <vector>

#include "support/old_names.hpp"
#include "support/samples.hpp"
#include "support/toy_kinds.hpp"
#include "xprober/actors/server/store.hpp"
#include "xprober/actors/stats.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/wire/batch.hpp"
#include "xprober/domain/wire/batch_parser.hpp"

#include "support/actor_reaper.hpp"

namespace store_shards_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t noon = 1'700'000'000;
constexpr std::uint32_t parts = 3;

/// The same goes to a store in parts and to one in a piece.
struct shards_fixture : xprober_fixture {
  shards_fixture() { log::set_level(log::level::off); }

  actor_reaper reaper{*this};
  stats_actor counters = reaper.keep(sys.spawn(stats, stats_identity{"server", "1"}));
  stats_actor other = reaper.keep(sys.spawn(stats, stats_identity{"server", "1"}));
  std::vector<store_actor> shards = make_shards();
  store_actor subject = reaper.keep(sys.spawn(store_shards, shards));
  store_actor whole = reaper.keep(sys.spawn(store, other, caf::timespan{300s}));

  std::vector<store_actor> make_shards() {
    std::vector<store_actor> made;
    for (std::uint32_t i = 0; i < parts; ++i) {
      made.push_back(
          reaper.keep(sys.spawn(store_shard, counters, caf::timespan{300s}, store_part{i, parts})));
    }
    return made;
  }

  template <class Message>
  void push(const Message& message) {
    const auto taken = reaper.ask<push_response>(subject, message);
    const auto expected = reaper.ask<push_response>(whole, message);
    CAF_REQUIRE(taken);
    CAF_REQUIRE(expected);
    CAF_CHECK_EQUAL(taken->success_num, expected->success_num);
  }

  store_snapshot view(const store_actor& of, bool with_targets = false) {
    const auto got = reaper.ask<store_view>(of, store_query{with_targets});
    CAF_REQUIRE(got);
    return **got;
  }

  std::size_t rows(const store_actor& of) { return view(of, true).targets.size(); }

  static void check_same(const kind_results& got, const kind_results& expected) {
    CAF_CHECK(*got.kind == *expected.kind);
    CAF_REQUIRE_EQUAL(got.groups.size(), expected.groups.size());
    for (std::size_t i = 0; i < got.groups.size(); ++i) {
      const auto& one = got.groups[i];
      const auto& other = expected.groups[i];
      CAF_CHECK_EQUAL(one.source_region, other.source_region);
      CAF_CHECK_EQUAL(one.target_region, other.target_region);
      CAF_CHECK_EQUAL(one.address, other.address);
      for (const auto column : got.averaged) {
        CAF_CHECK((got.mean(one, column) == expected.mean(other, column)));
      }
      CAF_CHECK_EQUAL(one.sums.success(*got.kind), other.sums.success(*got.kind));
      CAF_CHECK_EQUAL(one.sums.successes.known(), other.sums.successes.known());
      CAF_CHECK_EQUAL(one.sums.successes.failing(), other.sums.successes.failing());
    }
  }

  void check_same() {
    const auto got = view(subject);
    const auto expected = view(whole);
    CAF_REQUIRE_EQUAL(got.kinds.size(), expected.kinds.size());
    for (std::size_t k = 0; k < got.kinds.size(); ++k) {
      check_same(got.kinds[k], expected.kinds[k]);
    }
    CAF_CHECK_EQUAL(rows(subject), rows(whole));
  }

  static wire_value value(std::string_view metric, float v, std::string target,
                          std::string region = "eu", std::string type = "icmp") {
    return {"10.9.0.1",
            std::string{metric},
            std::move(target),
            "us",
            std::move(region),
            std::move(type),
            noon,
            v};
  }

  static push_request many_values() {
    push_request request;
    for (int i = 0; i < 100; ++i) {
      const auto address = "10.0.0." + std::to_string(i);
      const auto region = "r" + std::to_string(i % 4);
      request.values.push_back(
          value(old_names::ping_success, i % 7 == 0 ? -1.0F : 1.0F, address, region));
      request.values.push_back(
          value(old_names::ping_latency, static_cast<float>(i) / 3, address, region));
      request.values.push_back(value("nonsense", 1, address, region));
      const auto url = "http://" + std::to_string(i % 10) + "/";
      request.values.push_back(value(old_names::http_success, 1, url, region, "http"));
      request.values.push_back(value(old_names::http_phases[1], 2.5F, url, region, "http"));
    }
    return request;
  }

  static batch_delivery batch() {
    batch_encoder encoder{{"us", "10.1.1.1"}};
    for (std::uint32_t i = 0; i < 60; ++i) {
      auto outcome = samples::success();
      outcome.started = wall_clock::now();
      outcome.values.set(kinds::icmp_column::latency, static_cast<float>(i));
      encoder.add(*samples::result(
          samples::target(static_cast<target_index>(i), "10.0.1." + std::to_string(i)), outcome));
    }
    for (std::uint32_t i = 60; i < 90; ++i) {
      auto outcome = samples::toy_success(static_cast<float>(i), 1, i);
      outcome.started = wall_clock::now();
      encoder.add(*samples::result(
          samples::target_of(i, "host:" + std::to_string(i), samples::toy()), outcome));
    }
    const auto bytes = encoder.finish({}, 1, 0);
    batch_header header;
    std::string body;
    CAF_CHECK_EQUAL(read_batch_header(bytes, header), "");
    CAF_CHECK_EQUAL(read_batch_body(bytes, body), "");
    return {std::make_shared<const std::string>(std::move(body)), header.rows, nanoseconds{0}};
  }

  ingest_stats counts(const stats_actor& of) {
    reaper.pass(1s);
    const auto all = reaper.ask<stats_snapshot>(of, get_stats_atom_v);
    CAF_REQUIRE(all);
    return all->ingest;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(store_shards_tests, shards_fixture)

CAF_TEST(parts together are the whole) {
  push(many_values());
  push(batch());
  check_same();
  for (const auto& shard : shards) {
    CAF_CHECK_GREATER(rows(shard), 10u);
  }
  // Each part has read the description of the toy for itself; together it is one kind.
  const auto all = view(subject);
  CAF_REQUIRE_EQUAL(all.kinds.size(), 3u);
  CAF_CHECK(*all.kinds[2].kind == samples::toy());
  CAF_CHECK_EQUAL(all.kinds[2].groups.size(), 30u);
}

CAF_TEST(a page of all parts is that of the whole) {
  push(many_values());
  const auto question = std::make_shared<target_question>();
  question->terms.kind = "icmp";
  question->sort = target_sort::time;
  question->descending = true;
  question->limit = 15;
  const auto got = reaper.ask<store_view>(subject, store_query{false, question});
  const auto expected = reaper.ask<store_view>(whole, store_query{false, question});
  CAF_REQUIRE(got);
  CAF_REQUIRE(expected);
  const auto& one = **got;
  const auto& other_one = **expected;
  CAF_REQUIRE_EQUAL(one.targets.size(), 15u);
  CAF_REQUIRE_EQUAL(other_one.targets.size(), 15u);
  for (std::size_t i = 0; i < one.targets.size(); ++i) {
    CAF_CHECK(one.targets[i].target == other_one.targets[i].target);
  }
  CAF_CHECK_EQUAL(one.matching, 100u);
  CAF_CHECK_EQUAL(one.left, 100u);
  CAF_CHECK_EQUAL(one.total, other_one.total);
  CAF_CHECK_EQUAL(one.kinds.size(), 2u);
}

CAF_TEST(every value counts in one part) {
  push(many_values());
  auto cut = batch();
  cut.body = std::make_shared<const std::string>(cut.body->substr(0, cut.body->size() - 20));
  push(cut);
  const auto got = counts(counters);
  const auto expected = counts(other);
  CAF_CHECK_GREATER(expected.rejected, 100u);
  CAF_CHECK_EQUAL(got.received, expected.received);
  CAF_CHECK_EQUAL(got.accepted, expected.accepted);
  CAF_CHECK_EQUAL(got.rejected, expected.rejected);
  CAF_CHECK_EQUAL(got.stored_series, expected.stored_series);
}

CAF_TEST(stats hear of everything when they ask) {
  push(many_values());
  push(many_values());
  for (const auto& [of, stats] : {std::pair{subject, counters}, std::pair{whole, other}}) {
    CAF_CHECK(reaper.ask<stats_snapshot>(stats, get_stats_atom_v)->ingest.received == 500u);
    CAF_CHECK(reaper.ask<done_atom>(of, report_atom_v));
    CAF_CHECK(reaper.ask<stats_snapshot>(stats, get_stats_atom_v)->ingest.received == 1000u);
  }
}

CAF_TEST(a removed target goes and may come again) {
  push(many_values());
  const forget_targets gone{{{"r1", "10.0.0.1", kinds::icmp()},
                             {"r2", "10.0.0.2", kinds::icmp()},
                             {"r3", "10.0.0.3", kinds::icmp()}}};
  for (const auto& of : {subject, whole}) {
    caf::anon_send(of, gone);
  }
  reaper.settle();
  push(many_values()); // stragglers
  check_same();
  const auto without = rows(subject);
  for (const auto& of : {subject, whole}) {
    caf::anon_send(of, welcome_targets{gone.targets});
  }
  reaper.settle();
  push(many_values());
  check_same();
  CAF_CHECK_EQUAL(rows(subject), without + 3);
}

CAF_TEST(what is wanted and was never reported is in one part) {
  push(many_values());
  auto all = expand_targets({{"icmp", "r-new", {"10.7.0.0/27"}, {"us", "mars"}}}, 100);
  CAF_REQUIRE(all.catalog != nullptr);
  const wanted_targets_ptr wanted = std::make_shared<const wanted_targets>(
      target_universe{all.catalog, {}}, std::vector<agent_identity>{},
      std::vector<agent_identity>{}, nullptr, 17U);
  const auto before = rows(subject);
  for (const auto& of : {subject, whole}) {
    caf::anon_send(of, wanted);
  }
  reaper.settle();
  check_same();
  CAF_CHECK_EQUAL(rows(subject), before + 64);
  const auto got = view(subject);
  CAF_REQUIRE_EQUAL(got.never.size(), 2u);
  CAF_CHECK_EQUAL(got.never[0].targets, 32u);
}

CAF_TEST(a part that has ended is an error and no silence) {
  caf::anon_send_exit(shards[1], caf::exit_reason::kill);
  reaper.settle();
  CAF_CHECK(!reaper.ask<push_response>(subject, many_values()));
  CAF_CHECK(!reaper.ask<store_view>(subject, store_query{}));
}

CAF_TEST(what parts remember of series is one walk and all are told what was remembered) {
  std::vector<store_actor> fakes;
  const auto told = std::make_shared<std::vector<std::size_t>>();
  for (std::uint32_t i = 0; i < parts; ++i) {
    const caf::behavior handlers{
        [i](const kept_states_request& from) {
          kept_page page{std::make_shared<const std::vector<storage::kept_series>>(i), {}};
          if (i == 1 && from.row == 0) {
            page.next = kept_states_request{0, 5};
          }
          return page;
        },
        [told](const kept_states& kept) { told->push_back(kept->size()); },
    };
    const auto behave = [](caf::event_based_actor*, const caf::behavior& known) { return known; };
    fakes.push_back(reaper.keep(caf::actor_cast<store_actor>(sys.spawn(behave, handlers))));
  }
  const auto front = reaper.keep(sys.spawn(store_shards, fakes));
  std::vector<std::size_t> steps;
  std::optional<kept_states_request> next = kept_states_request{};
  while (next && steps.size() < 10) {
    const auto page = reaper.ask<kept_page>(front, *next);
    CAF_REQUIRE(page);
    steps.push_back(page->states->size());
    next = page->next;
  }
  CAF_CHECK_EQUAL(steps, (std::vector<std::size_t>{0, 1, 1, 2}));
  const auto beyond = reaper.ask<kept_page>(front, kept_states_request{parts, 0});
  CAF_REQUIRE(beyond);
  CAF_CHECK(!beyond->states && !beyond->next);
  caf::anon_send(front, kept_states{std::make_shared<const std::vector<storage::kept_series>>(3)});
  reaper.settle();
  CAF_CHECK_EQUAL(*told, (std::vector<std::size_t>{3, 3, 3}));
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace store_shards_suite
