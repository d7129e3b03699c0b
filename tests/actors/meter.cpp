#define CAF_SUITE meter

#include "xprober/actors/meter.hpp"

#include <chrono>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "support/actor_reaper.hpp"
#include "support/fake_stats.hpp"
#include "xprober/domain/kind_table.hpp"

namespace meter_suite {

using namespace xprober;
using namespace std::chrono_literals;

namespace {

/// Counts are kept for each thread and sent by the wall's clock, so a test first lets what earlier
/// tests left behind be sent.
struct meter_fixture : xprober_fixture {
  std::vector<handler_report> reports;
  std::vector<tick_report> ticks;
  actor_reaper reaper{*this};
  stats_actor sink = spawn_stats();
  caf::actor metered = reaper.keep(spawn_metered());

  meter_fixture() {
    send_until([this] { return !reports.empty(); });
    reports.clear();
    ticks.clear();
  }

  stats_actor spawn_stats() {
    return reaper.fake<stats_actor>([this](stats_actor::pointer) {
      return fake_stats::behavior(
          fake_stats::any_of{[this](const handler_report& report) { reports.push_back(report); },
                             [this](const tick_report& report) { ticks.push_back(report); }});
    });
  }

  caf::actor spawn_metered() {
    return sys.spawn(
        [](caf::event_based_actor* me, const stats_actor* stats) {
          return caf::behavior{
              [me, stats](int) { const handler_meter meter{me, actor_kind::store, *stats}; }};
        },
        &sink);
  }

  /// Sends a message every millisecond until it is so; returns how many, at most what 10 s allow.
  template <class Predicate>
  std::uint64_t send_until(Predicate done) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    std::uint64_t sent = 0;
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      caf::anon_send(metered, 1);
      reaper.settle();
      ++sent;
      std::this_thread::sleep_for(1ms);
    }
    return sent;
  }

  bool has_report() const { return !reports.empty(); }
};

/// Somebody of whom the graph of actors knows; what comes through its front counts as its own.
struct journal_like_state {
  static constexpr const char* name = "journal_front";
};

std::uint64_t flow(const std::vector<actor_edge>& edges, std::string_view from,
                   std::string_view to) {
  std::uint64_t sum = 0;
  for (const auto& edge : edges) {
    sum += edge.from == from && edge.to == to ? edge.messages : 0;
  }
  return sum;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(meter_tests, meter_fixture)

CAF_TEST(messages are counted by who sent them) {
  for (int i = 0; i < 3; ++i) {
    sys.spawn(
        [](caf::stateful_actor<journal_like_state>* me, const caf::actor& to) { me->send(to, 1); },
        metered);
  }
  [[maybe_unused]] const auto asked = self->request(metered, caf::infinite, 1);
  record_probe(actor_kind::store, kinds::icmp());
  reaper.settle();
  // Some may be told already where this takes long.
  auto all = std::exchange(reports, {});
  const auto sent = send_until([this] { return has_report(); });
  all.insert(all.end(), reports.begin(), reports.end());
  std::vector<actor_edge> edges;
  std::uint64_t messages = 0;
  std::uint64_t questions = 0;
  for (const auto& report : all) {
    messages += report.messages;
    for (const auto& edge : report.edges) {
      edges.push_back(edge);
      questions += edge.questions;
    }
  }
  CAF_CHECK_EQUAL(flow(edges, "journal", "store"), 3U);
  CAF_CHECK_EQUAL(flow(edges, "outside", "store"), sent + 1);
  CAF_CHECK_EQUAL(flow(edges, "store", "icmp"), 1U);
  CAF_CHECK_EQUAL(messages, sent + 4);
  CAF_CHECK_EQUAL(questions, 1U);
  reports.clear();
  send_until([this] { return has_report(); });
  CAF_CHECK_EQUAL(flow(reports.at(0).edges, "journal", "store"), 0U);
}

CAF_TEST(every message is counted once and its handler timed) {
  std::uint64_t sent = 0;
  std::uint64_t counted = 0;
  for (int round = 0; round < 2; ++round) {
    sent += send_until([this] { return has_report(); });
    CAF_REQUIRE_EQUAL(reports.size(), 1U);
    const auto& report = reports[0];
    CAF_CHECK(report.kind == actor_kind::store);
    CAF_REQUIRE(report.handler_ns);
    CAF_CHECK_EQUAL(report.handler_ns->count(), report.messages);
    CAF_CHECK(report.handler_ns->max() > 0);
    counted += report.messages;
    reports.clear();
  }
  CAF_CHECK_EQUAL(counted, sent);
}

CAF_TEST(reports are far fewer than messages) {
  const auto begin = std::chrono::steady_clock::now();
  const auto sent = send_until([this] { return has_report(); });
  CAF_CHECK(std::chrono::steady_clock::now() - begin > 400ms);
  CAF_CHECK(sent > 10);
  CAF_CHECK_EQUAL(reports.size(), 1U);
}

CAF_TEST(the depth of the mailbox is the highest that a handler left behind it) {
  for (int i = 0; i < 40; ++i) {
    caf::anon_send(metered, i);
  }
  reaper.settle();
  send_until([this] { return has_report(); });
  CAF_REQUIRE_EQUAL(reports.size(), 1U);
  CAF_CHECK_EQUAL(reports[0].mailbox_max, 39U);
  CAF_CHECK_EQUAL(reports[0].mailbox_now, 0U);
  reports.clear();
  send_until([this] { return has_report(); });
  CAF_CHECK_EQUAL(reports.at(0).mailbox_max, 0U);
}

CAF_TEST(ticks are counted with their lag) {
  record_tick(1ms, tick_fate::probe);
  record_tick(late_tick_threshold, tick_fate::busy);
  record_tick(late_tick_threshold + 1us, tick_fate::overload);
  record_tick(-1ms, tick_fate::probe);
  record_repeat();
  send_until([this] { return has_report(); });
  CAF_REQUIRE_EQUAL(ticks.size(), 1U);
  CAF_CHECK_EQUAL(ticks[0].due, 4U);
  CAF_CHECK_EQUAL(ticks[0].late, 1U);
  CAF_CHECK_EQUAL(ticks[0].repeated, 1U);
  CAF_CHECK_EQUAL(ticks[0].skipped_busy, 1U);
  CAF_CHECK_EQUAL(ticks[0].skipped_overload, 1U);
  CAF_REQUIRE(ticks[0].lag_us);
  CAF_CHECK_EQUAL(ticks[0].lag_us->count(), 4U);
  CAF_CHECK_EQUAL(ticks[0].lag_us->max(), 50'001U);
  reports.clear();
  ticks.clear();
  send_until([this] { return has_report(); });
  CAF_CHECK(ticks.empty());
}

CAF_TEST(counts wait where there is nobody to tell) {
  const auto listener = std::exchange(sink, stats_actor{});
  const auto begin = std::chrono::steady_clock::now();
  const auto sent = send_until([&] { return std::chrono::steady_clock::now() - begin > 600ms; });
  CAF_CHECK(reports.empty());
  sink = listener;
  const auto last = send_until([this] { return has_report(); });
  CAF_REQUIRE_EQUAL(reports.size(), 1U);
  CAF_CHECK_EQUAL(reports[0].messages, sent + last);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace meter_suite
