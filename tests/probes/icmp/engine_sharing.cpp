#define CAF_SUITE engine_sharing

#include "probe_runner.hpp"

#include "caf/test/unit_test.hpp"

namespace engine_sharing_suite {

using namespace xprober;
using namespace xprober::icmp;
using namespace xprober::icmp::test;
using namespace std::chrono_literals;

namespace {

bool ready() {
  const engine e{with(icmp_config{})};
  if (!e.sockets().available) {
    std::cout << "SKIPPED: " << e.sockets().problem << std::endl;
  }
  return e.sockets().available;
}

icmp_config quick(std::uint32_t count) {
  icmp_config config;
  config.count = count;
  config.timeout = 500ms;
  return config;
}

/// Every name is 127.0.0.9.
engine_options names() {
  engine_options options;
  options.resolve = [](const std::string&, ip_family, std::function<void(resolved_host)> done) {
    done({probe_error::none, "", {"127.0.0.9"}});
  };
  return options;
}

} // namespace

CAF_TEST(two names of one address are probed once and both have the result) {
  if (!ready()) {
    return;
  }
  counted_engine e(with(quick(4), 1min), names());
  // The first look at each: from then on the engine knows that they are the same.
  probe(*e, "one.test", 1);
  const auto second = probe(*e, "two.test", 2);
  CAF_CHECK(!second.shared);
  const auto first_again = probe(*e, "one.test", 1);
  CAF_CHECK(first_again.shared);
  CAF_CHECK(first_again.success);
  CAF_CHECK(first_again.started == second.started);
  CAF_CHECK_EQUAL(first_again.address, "127.0.0.9");
  CAF_CHECK_EQUAL(summary_of(first_again).received, 4u);
  CAF_CHECK(summary_of(first_again).rtt == summary_of(second).rtt);
  const auto by_number = probe(*e, "127.0.0.9", 3);
  CAF_CHECK(by_number.shared);
  // The one that measures goes on measuring.
  const auto second_again = probe(*e, "two.test", 2);
  CAF_CHECK(!second_again.shared);
  CAF_CHECK(second_again.started > second.started);
  const engine_counts counters = e.stop();
  CAF_CHECK_EQUAL(counters.echo_sent, 12u);
  CAF_CHECK_EQUAL(counters.shared, 2u);
  CAF_CHECK_EQUAL(counters.probes.started, 5u);
  CAF_CHECK_EQUAL(counters.probes.finished, 5u);
  CAF_CHECK_EQUAL(counters.probes.succeeded, 5u);
  CAF_CHECK_EQUAL(counters.probes.in_flight, 0u);
}

CAF_TEST(a target that comes while the probe runs waits for its end) {
  if (!ready()) {
    return;
  }
  auto config = quick(10);
  config.mode = icmp_mode::fixed;
  config.interval = 20ms;
  counted_engine e(with(config, 1min), names());
  probe(*e, "one.test", 1);
  probe(*e, "two.test", 2);
  auto running = launch(*e, "two.test", 2);
  auto waiting = launch(*e, "one.test", 1);
  auto third = launch(*e, "three.test", 3);
  const auto original = take(running);
  for (auto* future : {&waiting, &third}) {
    const auto outcome = take(*future);
    CAF_CHECK(outcome.shared);
    CAF_CHECK(outcome.started == original.started);
    CAF_CHECK_EQUAL(summary_of(outcome).received, 10u);
  }
  CAF_CHECK(!original.shared);
  CAF_CHECK_EQUAL(e.stop().echo_sent, 30u);
}

CAF_TEST(an outcome older than the period is not used) {
  if (!ready()) {
    return;
  }
  // Longer than the period.
  auto config = quick(2);
  config.mode = icmp_mode::fixed;
  config.interval = 5ms;
  counted_engine e(with(config, 1ms), names());
  for (target_index i = 1; i <= 4; ++i) {
    CAF_CHECK(!probe(*e, "127.0.0.9", i).shared);
  }
  CAF_CHECK_EQUAL(e.stop().echo_sent, 8u);
}

CAF_TEST(the end of the engine ends those who wait too) {
  if (!ready()) {
    return;
  }
  auto config = quick(100);
  config.mode = icmp_mode::fixed;
  config.interval = 100ms;
  engine e(with(quick(1), 1min), names());
  probe(e, "one.test", 1);
  probe(e, "two.test", 2);
  apply(e, with(config, 1min));
  // The new configuration has nothing to share yet.
  auto first = launch(e, "two.test", 2);
  auto second = launch(e, "one.test", 1);
  auto waiting = launch(e, "two.test", 2);
  e.stop();
  for (auto* future : {&first, &second, &waiting}) {
    const auto outcome = take(*future);
    CAF_CHECK(outcome.error == probe_error::shutdown);
    CAF_CHECK(!outcome.success);
  }
}

CAF_TEST(modules have settings and shared results of their own) {
  if (!ready()) {
    return;
  }
  engine e(with(quick(4), 1min, {{"once", quick(1)}}), names());
  const auto probe_with = [&](std::string address, target_index index, const prober_name& prober) {
    auto spec = new_counted<target_spec>();
    spec->uid = {"", std::move(address), prober};
    spec->index = index;
    auto promise = std::make_shared<std::promise<probe_outcome>>();
    auto future = promise->get_future();
    e.start({std::move(spec), monotonic_clock::now()},
            [promise](probe_outcome&& outcome) { promise->set_value(std::move(outcome)); });
    return take(future);
  };
  const prober_name once{"once", &kinds::icmp()};
  probe(e, "one.test", 1);
  probe(e, "two.test", 2);
  for (const target_index index : {3U, 4U}) {
    const auto outcome = probe_with("127.0.0.9", index, once);
    CAF_CHECK(!outcome.shared);
    CAF_CHECK_EQUAL(summary_of(outcome).sent, 1u);
  }
  const auto shared = probe_with("one.test", 3, once);
  CAF_CHECK(shared.shared);
  CAF_CHECK_EQUAL(summary_of(shared).sent, 1u);
  CAF_CHECK_EQUAL(summary_of(probe(e, "two.test", 2)).sent, 4u);

  apply(e, with(quick(4), 1min, {{"other", quick(2)}}));
  CAF_CHECK_EQUAL(summary_of(probe_with("127.0.0.9", 5, prober_name{"other", &kinds::icmp()})).sent,
                  2u);
  const auto gone = probe_with("127.0.0.9", 3, once);
  CAF_CHECK(is_local(gone.error));
  apply(e, with(quick(4), 1min, {{"once", quick(3)}}));
  CAF_CHECK_EQUAL(summary_of(probe_with("127.0.0.9", 3, once)).sent, 3u);
}

CAF_TEST(a module can switch sharing off) {
  if (!ready()) {
    return;
  }
  auto alone = quick(1);
  alone.share_results = false;
  counted_engine e(with(alone, 1min), names());
  for (target_index i = 1; i <= 3; ++i) {
    CAF_CHECK(!probe(*e, "127.0.0.9", i).shared);
  }
  CAF_CHECK_EQUAL(e.stop().echo_sent, 3u);
}

} // namespace engine_sharing_suite
