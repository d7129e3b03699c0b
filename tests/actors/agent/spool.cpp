#define CAF_SUITE spool

#include "xprober/actors/agent/spool.hpp"

#include <string>
#include <vector>

#include "storage/folder.hpp"
#include "xprober/actors/agent/results.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/wire/batch.hpp"

#include "support/fake_results.hpp"
#include "support/samples.hpp"

#include "support/actor_reaper.hpp"

namespace spool_suite {

using namespace xprober;

namespace {

/// A real spool on disk, and what it tells `results`.
struct spool_fixture : xprober_fixture {
  spool_fixture() { log::set_level(log::level::off); }

  test::folder folder;
  std::vector<spool_change> told;
  actor_reaper reaper{*this};
  results_actor results = reaper.keep(
      fake_results::spawn(sys, [this](const spool_change& change) { told.push_back(change); }));
  spool_actor subject = open(1U << 30U);
  target_ref target = samples::target(0, "10.0.0.1");

  spool_actor open(std::uint64_t max_bytes) {
    return reaper.keep(sys.spawn(
        spool,
        storage::spool_options{folder.path(), max_bytes, 1'000'000, {"cn-south", "10.1.1.1"}},
        results, stats_actor{}));
  }

  void close() {
    caf::anon_send_exit(subject, caf::exit_reason::kill);
    reaper.settle();
  }

  spool_report keep(std::uint64_t id, std::size_t count) {
    result_batch batch;
    batch.id = id;
    batch.results.assign(count, samples::result(target));
    const auto report = reaper.ask<spool_report>(subject, batch);
    CAF_REQUIRE(report);
    return *report;
  }

  spool_item oldest() {
    const auto item = reaper.ask<spool_item>(subject, oldest_batch_atom_v);
    CAF_REQUIRE(item);
    return *item;
  }

  spool_report acknowledge(std::uint64_t id) {
    const auto report = reaper.ask<spool_report>(subject, batch_acked{id});
    CAF_REQUIRE(report);
    return *report;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(spool_tests, spool_fixture)

CAF_TEST(what is kept is told with the number of its batch and what leaves with its size) {
  CAF_CHECK_EQUAL(keep(1, 3).results, 3U);
  CAF_REQUIRE_EQUAL(told.size(), 1U);
  CAF_CHECK_EQUAL(told[0].batch, 1U);
  const auto item = oldest();
  CAF_CHECK_EQUAL(item.results, 3U);
  CAF_CHECK_EQUAL(told.size(), 1U);
  CAF_CHECK_EQUAL(acknowledge(item.id).results, 0U);
  CAF_REQUIRE_EQUAL(told.size(), 2U);
  CAF_CHECK_EQUAL(told[1].acked, 3U);
  CAF_CHECK_EQUAL(told[1].batch, 0U);
  CAF_CHECK_EQUAL(oldest().id, 0U);
}

CAF_TEST(results that come again are kept once) {
  keep(1, 3);
  CAF_CHECK_EQUAL(keep(1, 3).results, 3U);
  CAF_REQUIRE_EQUAL(told.size(), 2U);
  CAF_CHECK_EQUAL(told[1].batch, 1U);
  CAF_CHECK_EQUAL(keep(2, 2).results, 5U);
}

CAF_TEST(what was there at the start is told) {
  keep(1, 3);
  close();
  told.clear();
  subject = open(1U << 30U);
  CAF_REQUIRE_EQUAL(told.size(), 1U);
  CAF_CHECK_EQUAL(told[0].restored, 3U);
  CAF_CHECK_EQUAL(told[0].batch, 0U);
  CAF_CHECK_EQUAL(oldest().results, 3U);
}

CAF_TEST(what a limit drops is told) {
  close();
  subject = open(1000);
  std::uint64_t kept = 0;
  for (std::uint64_t id = 1; id <= 20; ++id) {
    kept += 10;
    const auto report = keep(id, 10);
    std::uint64_t dropped = 0;
    for (const auto& change : told) {
      dropped += change.dropped;
    }
    CAF_CHECK_EQUAL(report.results + dropped, kept);
    CAF_CHECK(report.bytes <= 1000);
  }
}

CAF_TEST(a target list is kept with what has changed in it) {
  const auto shared = [](target_list list) {
    return std::make_shared<const target_list>(std::move(list));
  };
  const auto kept_now = [&] {
    close();
    subject = open(1U << 30U);
    const auto got = reaper.ask<kept_list>(subject, get_kept_list_atom_v);
    CAF_REQUIRE(got && got->targets);
    return *got;
  };
  caf::anon_send(subject, kept_list{shared({{"icmp", "eu", {"a", "b", "c"}}}), "r1"});
  reaper.settle();
  CAF_CHECK((*kept_now().targets == target_list{{"icmp", "eu", {"a", "b", "c"}}}));
  caf::anon_send(subject, kept_change{"r1", "r2", shared({{"http", "us", {"d"}}}),
                                      shared({{"icmp", "eu", {"b"}}})});
  caf::anon_send(subject, kept_change{"r2", "r3", shared({{"icmp", "eu", {"e"}}}), shared({})});
  reaper.settle();
  const target_list third{{"icmp", "eu", {"a", "c", "e"}}, {"http", "us", {"d"}}};
  CAF_CHECK((*kept_now().targets == third));
  CAF_CHECK_EQUAL(kept_now().revision, "r3");
  CAF_MESSAGE("a change of another list is not applied, nor what comes after it");
  const auto fits = reaper.ask<bool>(
      subject, kept_change{"r9", "r4", shared({{"icmp", "eu", {"x"}}}), shared({})});
  CAF_CHECK(fits && !*fits);
  CAF_CHECK((*kept_now().targets == third));
  CAF_MESSAGE("a whole list ends the changes");
  caf::anon_send(subject, kept_list{shared({{"icmp", "eu", {"z"}}}), "r5"});
  reaper.settle();
  CAF_CHECK((*kept_now().targets == target_list{{"icmp", "eu", {"z"}}}));
}

CAF_TEST(many changes become a whole list) {
  const auto none = std::make_shared<const target_list>();
  caf::anon_send(subject, kept_list{none, "0"});
  for (int i = 0; i < 200; ++i) {
    caf::anon_send(subject, kept_change{std::to_string(i), std::to_string(i + 1),
                                        std::make_shared<const target_list>(
                                            target_list{{"icmp", "eu", {std::to_string(i)}}}),
                                        none});
  }
  reaper.settle();
  CAF_CHECK(reaper.state_of<spool_state>(subject).changes < 64);
  const auto got = reaper.ask<kept_list>(subject, get_kept_list_atom_v);
  CAF_REQUIRE(got && got->targets);
  CAF_CHECK_EQUAL(got->revision, "200");
  CAF_CHECK_EQUAL(got->targets->at(0).targets.size(), 200U);
}

CAF_TEST(without a kept list there is none) {
  const auto got = reaper.ask<kept_list>(subject, get_kept_list_atom_v);
  CAF_REQUIRE(got);
  CAF_CHECK(!got->targets);
}

CAF_TEST(for another server the kept list has no revision and batches have another instance) {
  const auto header_of = [](const spool_item& item) {
    batch_header header;
    CAF_REQUIRE_EQUAL(read_batch_header(*item.bytes, header), "");
    return header;
  };
  const target_list list{{"icmp", "eu", {"a", "b"}}};
  caf::anon_send(subject, kept_list{std::make_shared<const target_list>(list), "r1"});
  keep(1, 2);
  const auto first = header_of(oldest());
  CAF_REQUIRE(reaper.ask<done_atom>(subject, new_server_atom_v));
  CAF_REQUIRE(reaper.ask<spool_report>(subject, batch_acked{oldest().id}));
  keep(2, 2);
  CAF_CHECK((header_of(oldest()).instance != first.instance));
  CAF_CHECK_EQUAL(header_of(oldest()).sequence, 1U);
  CAF_MESSAGE("and an agent that starts without its server begins with that");
  close();
  subject = open(1U << 30U);
  const auto got = reaper.ask<kept_list>(subject, get_kept_list_atom_v);
  CAF_REQUIRE(got && got->targets);
  CAF_CHECK((*got->targets == list));
  CAF_CHECK_EQUAL(got->revision, "");
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace spool_suite
