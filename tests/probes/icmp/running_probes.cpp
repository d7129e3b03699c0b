#define CAF_SUITE running_probes

#include "xprober/probes/icmp/running_probes.hpp"

#include <cerrno>
#include <stdexcept>

#include "sides_fixture.hpp"

#include "caf/test/unit_test.hpp"

namespace running_probes_suite {

using namespace xprober;
using namespace xprober::icmp;
using namespace xprober::icmp::test;
using namespace std::chrono_literals;

namespace {

/// The probes without anybody who moves packets: the test says what was sent and answered.
struct fixture {
  boost::asio::io_context io;
  lanes ways{io, {}};
  probe_table table;
  echo_counters counters;
  neighbours nearby;
  std::function<void(resolved_host)> answer; ///< to the last name that was asked for
  host_lookup names{io, [this](const std::string&, ip_family, auto done) { answer = done; }};
  int pumps = 0;
  bool broken = false; ///< nobody can be told that there is something to do
  running_probes probes;
  std::vector<probe_outcome> ended;

  explicit fixture(std::uint32_t most = 2)
      : probes{{io, table, ways, names, counters, nearby, [this] { pump(); }, most}} {}

  void pump() {
    ++pumps;
    if (broken) {
      throw std::runtime_error("out of order");
    }
  }

  bool ready(icmp_config config = {}, nanoseconds share_period = {}, std::uint32_t count = 1) {
    config.count = count;
    settings all;
    all.own = std::move(config);
    all.share_period = share_period;
    ways.take(all);
    if (!ways.status().available) {
      std::cout << "SKIPPED: " << ways.status().problem << std::endl;
    }
    return ways.status().available;
  }

  void begin(const std::string& address, target_index index = 0) {
    probes.begin(request_for(address, index),
                 [this](probe_outcome&& o) { ended.push_back(std::move(o)); });
  }

  /// The echo that waits is sent and answered.
  void answer_next() {
    auto& queue = ways.of(kinds::icmp())->endpoints[0]->queue;
    CAF_REQUIRE(!queue.empty());
    const auto item = queue.pop();
    const auto now = monotonic_clock::now();
    probes.echo_sent(item, now, true);
    table[item.slot].probe.reply(0, now);
    probes.moved(item.slot, now);
  }

  void poll() {
    io.restart();
    io.poll();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(running_probes_tests, fixture)

CAF_TEST(an answered echo ends a probe of one) {
  if (!ready()) {
    return;
  }
  begin("127.0.0.1");
  CAF_CHECK(pumps > 0);
  auto& queue = ways.of(kinds::icmp())->endpoints[0]->queue;
  CAF_REQUIRE(!queue.empty());
  const auto item = queue.pop();
  const auto now = monotonic_clock::now();
  probes.echo_sent(item, now, true);
  CAF_CHECK(ended.empty());
  table[item.slot].probe.reply(0, now + 2ms);
  probes.moved(item.slot, now + 2ms);
  CAF_REQUIRE_EQUAL(ended.size(), 1u);
  CAF_CHECK(ended[0].success);
  CAF_CHECK_EQUAL(summary_of(ended[0]).rtt.mean, 2.0F);
  CAF_CHECK_EQUAL(probes.counters().succeeded, 1u);
  CAF_CHECK_EQUAL(table.taken(), 0u);
}

CAF_TEST(an echo without an answer is lost when the probe is woken) {
  if (!ready()) {
    return;
  }
  begin("127.0.0.1");
  const auto item = ways.of(kinds::icmp())->endpoints[0]->queue.pop();
  probes.echo_sent(item, monotonic_clock::now(), true);
  CAF_REQUIRE(probes.next_wake());
  probes.wake_due(monotonic_clock::now() + 2s);
  CAF_REQUIRE_EQUAL(ended.size(), 1u);
  CAF_CHECK_EQUAL(ended[0].error, probe_error::no_reply);
  CAF_CHECK(ended[0].values.number(kinds::icmp_column::loss) == 100.F);
}

CAF_TEST(what the kernel refuses to send is no loss) {
  if (!ready()) {
    return;
  }
  begin("127.0.0.1");
  probes.echo_refused(ways.of(kinds::icmp())->endpoints[0]->queue.pop(), EPERM);
  CAF_REQUIRE_EQUAL(ended.size(), 1u);
  CAF_CHECK_EQUAL(ended[0].error, probe_error::local_send);
  CAF_CHECK(!ended[0].values.has(kinds::icmp_column::loss));
  CAF_CHECK_EQUAL(probes.counters().local_errors, 1u);
}

CAF_TEST(a name is resolved first and one that does not exist measured nothing) {
  if (!ready()) {
    return;
  }
  begin("gone.test");
  CAF_REQUIRE(answer);
  answer({probe_error::resolve_not_found, "gone.test: no such name", {}});
  CAF_CHECK(ended.empty()); // on the engine's thread, not on the resolver's
  poll();
  CAF_REQUIRE_EQUAL(ended.size(), 1u);
  CAF_CHECK_EQUAL(ended[0].error, probe_error::resolve_not_found);
  CAF_CHECK(ended[0].values.empty());
}

CAF_TEST(one more than may run is refused and the end ends all) {
  if (!ready()) {
    return;
  }
  begin("127.0.0.1");
  begin("name.test");
  begin("127.0.0.3");
  CAF_REQUIRE_EQUAL(ended.size(), 1u);
  CAF_CHECK_EQUAL(ended[0].error, probe_error::local_overload);
  bool drained = false;
  probes.drain([&] { drained = true; });
  CAF_CHECK(!drained);
  probes.end_all();
  CAF_CHECK(drained);
  begin("127.0.0.4");
  CAF_REQUIRE_EQUAL(ended.size(), 4u);
  for (std::size_t i = 1; i < 4; ++i) {
    CAF_CHECK_EQUAL(ended[i].error, probe_error::shutdown);
  }
}

CAF_TEST(the end keeps what was answered and counts nothing that is in flight) {
  if (!ready({}, {}, 3)) {
    return;
  }
  begin("127.0.0.1");
  begin("127.0.0.2");
  answer_next();
  auto& queue = ways.of(kinds::icmp())->endpoints[0]->queue;
  const auto now = monotonic_clock::now();
  while (!queue.empty()) { // the other's first, and the second of the one that was answered
    probes.echo_sent(queue.pop(), now, true);
  }
  probes.end_all();
  CAF_REQUIRE_EQUAL(ended.size(), 2u);
  CAF_CHECK_EQUAL(ended[0].error, probe_error::shutdown);
  CAF_CHECK_EQUAL(ended[0].address, "127.0.0.1");
  CAF_CHECK_EQUAL(summary_of(ended[0]).sent, 1u);
  CAF_CHECK_EQUAL(summary_of(ended[0]).received, 1u);
  CAF_CHECK(ended[0].values.has(kinds::icmp_column::latency));
  CAF_CHECK_EQUAL(ended[1].error, probe_error::shutdown);
  CAF_CHECK_EQUAL(summary_of(ended[1]).sent, 0u);
  CAF_CHECK(!ended[1].values.has(kinds::icmp_column::loss));
}

CAF_TEST(a probe that cannot begin for an exception is told once) {
  if (!ready()) {
    return;
  }
  broken = true;
  begin("127.0.0.1");
  CAF_REQUIRE_EQUAL(ended.size(), 1u);
  CAF_CHECK_EQUAL(ended[0].error, probe_error::local_internal);
  CAF_CHECK(ended[0].detail.find("out of order") != std::string::npos);
  CAF_CHECK_EQUAL(table.taken(), 0u);
  CAF_CHECK_EQUAL(probes.counters().exceptions, 1u);
  CAF_CHECK_EQUAL(probes.counters().finished, 1u);
}

CAF_TEST(where the kernel never tells of a leaving silence is the targets) {
  if (!ready()) {
    return;
  }
  auto& main = *ways.of(kinds::icmp())->endpoints[0];
  begin("127.0.0.1");
  const auto handed = monotonic_clock::now();
  probes.echo_handed(main.queue.pop(), handed);
  probes.wake_due(handed + 1502ms);
  CAF_REQUIRE_EQUAL(ended.size(), 1u);
  CAF_CHECK_EQUAL(ended[0].error, probe_error::no_reply);
  CAF_CHECK_EQUAL(nearby.waiting(ip_family::ip4), 0u);
}

CAF_TEST(where the kernel tells of a leaving an echo without one has not left) {
  if (!ready()) {
    return;
  }
  auto& main = *ways.of(kinds::icmp())->endpoints[0];
  main.stamps = leaving_stamps::come;
  begin("127.0.0.1");
  const auto handed = monotonic_clock::now();
  probes.echo_handed(main.queue.pop(), handed);
  probes.wake_due(handed + 1502ms);
  CAF_CHECK(ended.empty());
  CAF_REQUIRE(!main.queue.empty()); // another one, which the kernel may keep
  probes.echo_handed(main.queue.pop(), handed + 1502ms);
  probes.wake_due(handed + 2890ms);
  CAF_CHECK(ended.empty());
  probes.wake_due(handed + 2902ms);
  CAF_REQUIRE_EQUAL(ended.size(), 1u);
  CAF_CHECK_EQUAL(ended[0].error, probe_error::unreachable);
  CAF_CHECK_EQUAL(nearby.waiting(ip_family::ip4), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()

namespace {

struct roomy_fixture : fixture {
  roomy_fixture() : fixture(10) {}
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(sharing_tests, roomy_fixture)

CAF_TEST(one that does not take its outcome keeps it from nobody) {
  if (!ready({}, 1min)) {
    return;
  }
  begin("127.0.0.1", 1);
  answer_next();
  begin("127.0.0.1", 2); // the address has several targets from now on
  probes.begin(request_for("127.0.0.1", 3),
               [](probe_outcome&&) { throw std::runtime_error("who is told"); });
  begin("127.0.0.1", 4);
  CAF_CHECK_EQUAL(table.taken(), 3u);
  answer_next();
  CAF_CHECK_EQUAL(table.taken(), 0u);
  CAF_REQUIRE_EQUAL(ended.size(), 3u);
  CAF_CHECK(ended[1].success);
  CAF_CHECK(ended[2].success);
  CAF_CHECK_EQUAL(probes.counters().exceptions, 1u);
  CAF_CHECK_EQUAL(probes.counters().finished, 4u);
}

CAF_TEST(the end ends all whoever does not take it) {
  if (!ready()) {
    return;
  }
  probes.begin(request_for("a.test"),
               [](probe_outcome&&) { throw std::runtime_error("who is told"); });
  begin("b.test");
  int drained = 0;
  probes.drain([] { throw std::runtime_error("who waits"); });
  probes.drain([&] { ++drained; });
  probes.end_all();
  CAF_REQUIRE_EQUAL(ended.size(), 1u);
  CAF_CHECK_EQUAL(ended[0].error, probe_error::shutdown);
  CAF_CHECK_EQUAL(table.taken(), 0u);
  CAF_CHECK_EQUAL(drained, 1);
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace running_probes_suite
