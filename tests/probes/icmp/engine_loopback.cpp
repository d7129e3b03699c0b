#define CAF_SUITE engine_loopback

#include "probe_runner.hpp"

#include <atomic>

#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#include "caf/test/unit_test.hpp"

namespace engine_loopback_suite {

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

} // namespace

CAF_TEST(a_loopback_address_answers_every_echo) {
  if (!ready()) {
    return;
  }
  counted_engine e(quick(50));
  const probe_outcome outcome = probe(*e, "127.0.0.1");
  CAF_CHECK(outcome.success);
  CAF_CHECK(outcome.error == probe_error::none);
  CAF_CHECK_EQUAL(outcome.detail, "");
  CAF_CHECK_EQUAL(outcome.address, "127.0.0.1");
  const icmp_summary& s = summary_of(outcome);
  CAF_CHECK_EQUAL(s.sent, 50u);
  CAF_CHECK_EQUAL(s.received, 50u);
  CAF_CHECK_EQUAL(s.duplicates, 0u);
  CAF_CHECK(s.rtt.min >= 0);
  CAF_CHECK(s.rtt.max > 0 && s.rtt.max < 500);
  CAF_CHECK(s.rtt.min <= s.rtt.p50 && s.rtt.p50 <= s.rtt.p99 && s.rtt.p99 <= s.rtt.max);
  CAF_CHECK(outcome.duration > 0ns && outcome.duration < 5s);
  CAF_CHECK(wall_clock::now() - outcome.started < 30s);
  const engine_counts counters = e.stop();
  CAF_CHECK_EQUAL(counters.echo_sent, 50u);
  CAF_CHECK_EQUAL(counters.echo_received, 50u);
  CAF_CHECK_EQUAL(counters.probes.started, 1u);
  CAF_CHECK_EQUAL(counters.probes.finished, 1u);
  CAF_CHECK_EQUAL(counters.probes.succeeded, 1u);
  CAF_CHECK_EQUAL(counters.probes.in_flight, 0u);
  CAF_CHECK_EQUAL(counters.foreign, 0u);
}

CAF_TEST(probes_that_begin_together_all_end) {
  if (!ready()) {
    return;
  }
  std::vector<std::future<probe_outcome>> futures;
  const auto starts = [&futures] {
    std::vector<probe_start> round;
    for (int i = 1; i <= 300; ++i) {
      auto promise = std::make_shared<std::promise<probe_outcome>>();
      futures.push_back(promise->get_future());
      round.push_back(
          {request_for("127.0.1." + std::to_string(i % 250 + 1), static_cast<target_index>(i)),
           [promise](probe_outcome&& outcome) { promise->set_value(std::move(outcome)); }});
    }
    return round;
  };
  engine e{with(quick(2))};
  e.start_all(starts());
  for (auto& future : futures) {
    CAF_CHECK(take(future).success);
  }
  futures.clear();
  e.stop();
  e.start_all(starts());
  for (auto& future : futures) {
    CAF_CHECK(take(future).error == probe_error::shutdown);
  }
}

CAF_TEST(what_a_round_of_packets_completes_is_framed) {
  if (!ready()) {
    return;
  }
  static int depth;
  static std::atomic<int> framed;
  depth = 0;
  framed = 0;
  engine_options options;
  options.frame = {[]() noexcept { ++depth; }, []() noexcept { --depth; }};
  engine e{with(quick(1)), std::move(options)};
  std::promise<void> ended;
  e.start(request_for("127.0.0.1"), [&ended](probe_outcome&&) {
    framed = depth;
    ended.set_value();
  });
  CAF_REQUIRE(ended.get_future().wait_for(60s) == std::future_status::ready);
  CAF_CHECK(framed > 0);
  e.stop();
  CAF_CHECK_EQUAL(depth, 0);
}

CAF_TEST(ip6_loopback_answers_too) {
  if (!ready()) {
    return;
  }
  engine e(with(quick(5)));
  const probe_outcome outcome = probe(e, "[::1]");
  if (outcome.error == probe_error::local_no_socket || outcome.error == probe_error::local_send) {
    CAF_MESSAGE("no IPv6 on this machine: " << outcome.detail);
    CAF_CHECK(!outcome.detail.empty());
    return;
  }
  CAF_CHECK(outcome.success);
  CAF_CHECK_EQUAL(outcome.address, "::1");
  CAF_CHECK_EQUAL(summary_of(outcome).received, 5u);
}

CAF_TEST(many_targets_share_one_socket) {
  if (!ready()) {
    return;
  }
  counted_engine e(quick(3));
  std::vector<std::string> addresses;
  for (int i = 0; i < 2000; ++i) {
    addresses.push_back("127.64." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1));
  }
  const auto outcomes = probe_all(*e, addresses);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    CAF_REQUIRE(outcomes[i].success);
    CAF_REQUIRE_EQUAL(outcomes[i].address, addresses[i]);
    CAF_REQUIRE_EQUAL(summary_of(outcomes[i]).sent, 3u);
    CAF_REQUIRE_EQUAL(summary_of(outcomes[i]).received, 3u);
  }
  CAF_CHECK_EQUAL(e.stop().echo_received, 6000u);
}

CAF_TEST(one_address_under_two_probes_is_counted_for_each) {
  if (!ready()) {
    return;
  }
  engine e(with(quick(20)));
  for (const auto& outcome : probe_all(e, {"127.0.0.9", "127.0.0.9", "127.0.0.9"})) {
    CAF_CHECK_EQUAL(summary_of(outcome).sent, 20u);
    CAF_CHECK_EQUAL(summary_of(outcome).received, 20u);
    CAF_CHECK_EQUAL(summary_of(outcome).duplicates, 0u);
  }
}

CAF_TEST(fixed_mode_takes_its_time) {
  if (!ready()) {
    return;
  }
  icmp_config config = quick(5);
  config.mode = icmp_mode::fixed;
  config.interval = 20ms;
  engine e(with(config));
  const probe_outcome outcome = probe(e, "127.0.0.1");
  CAF_CHECK_EQUAL(summary_of(outcome).received, 5u);
  CAF_CHECK(outcome.duration >= 80ms);
  CAF_CHECK(outcome.duration < 2s);
}

CAF_TEST(echoes_of_any_size_come_back) {
  if (!ready()) {
    return;
  }
  for (const std::uint32_t size : {24U, 25U, 56U, 1472U, 9000U, 65507U}) {
    icmp_config config = quick(2);
    config.size = size;
    engine e(with(config));
    CAF_CHECK_EQUAL(summary_of(probe(e, "127.0.0.1")).received, 2u);
  }
}

CAF_TEST(values_out_of_range_are_brought_into_it) {
  if (!ready()) {
    return;
  }
  icmp_config config;
  config.count = 0;
  config.size = 0;
  config.ttl = 0;
  config.dscp = 900;
  config.timeout = 0ms;
  config.interval = -5ms;
  config.deadline = 10s;
  engine e(with(config));
  CAF_CHECK_EQUAL(summary_of(probe(e, "127.0.0.1")).sent, 1u);
}

CAF_TEST(a_bad_target_says_what_is_wrong) {
  if (!ready()) {
    return;
  }
  engine e(with(quick(1)));
  for (const char* address : {"", "300.1.1.1", "a b", "0.0.0.0", "255.255.255.255", "::g"}) {
    const probe_outcome outcome = probe(e, address);
    CAF_CHECK(!outcome.success);
    CAF_CHECK(outcome.error == probe_error::bad_target);
    CAF_CHECK(!outcome.detail.empty());
    CAF_CHECK_EQUAL(summary_of(outcome).sent, 0u);
  }
}

CAF_TEST(the_lag_is_measured_from_the_due_time) {
  if (!ready()) {
    return;
  }
  engine e(with(quick(1)));
  std::promise<probe_outcome> promise;
  probe_request request = request_for("127.0.0.1");
  request.due = monotonic_clock::now() - 250ms;
  e.start(request, [&](probe_outcome&& outcome) { promise.set_value(std::move(outcome)); });
  auto future = promise.get_future();
  const probe_outcome outcome = take(future);
  CAF_CHECK(outcome.start_lag >= 250ms && outcome.start_lag < 5s);
}

CAF_TEST(host_names_are_resolved_first) {
  if (!ready()) {
    return;
  }
  engine_options options;
  options.resolve = [](const std::string& host, ip_family, auto done) {
    if (host == "good.example") {
      done({probe_error::none, "", {"127.0.0.77"}, true});
    } else if (host == "gone.example") {
      done({probe_error::resolve_not_found, "gone.example: no such name", {}, false});
    } else if (host == "odd.example") {
      done({probe_error::none, "", {"224.0.0.1", "rubbish"}, false});
    } else if (host == "six.example") {
      done({probe_error::none, "", {"::1"}, false});
    }
    // Anything else is never answered.
  };
  icmp_config config = quick(2);
  config.deadline = 100ms;
  counted_engine e(config, options);
  const probe_outcome good = probe(*e, "good.example");
  CAF_CHECK(good.success);
  CAF_CHECK_EQUAL(good.address, "127.0.0.77");
  CAF_CHECK(good.resolve_cached);
  const probe_outcome gone = probe(*e, "gone.example");
  CAF_CHECK(gone.error == probe_error::resolve_not_found);
  CAF_CHECK_EQUAL(gone.detail, "gone.example: no such name");
  CAF_CHECK_EQUAL(gone.address, "");
  CAF_CHECK(!gone.resolve_cached);
  CAF_CHECK(probe(*e, "odd.example").error == probe_error::resolve_no_address);
  const probe_outcome silent = probe(*e, "silent.example");
  CAF_CHECK(silent.error == probe_error::resolve_timeout);
  CAF_CHECK(silent.duration >= 100ms && silent.duration < 5s);
  config.ip_protocol_fallback = false;
  apply(*e, with(config));
  const probe_outcome six = probe(*e, "six.example");
  CAF_CHECK(six.error == probe_error::resolve_no_address);
  CAF_CHECK(six.detail.find("ip_protocol_fallback is false") != std::string::npos);
  CAF_CHECK_EQUAL(e.stop().probes.finished, 5u);
}

CAF_TEST(the_resolver_of_the_system_is_the_default) {
  if (!ready()) {
    return;
  }
  engine e(with(quick(1)));
  const probe_outcome outcome = probe(e, "localhost");
  CAF_CHECK(outcome.success);
  CAF_CHECK(outcome.address == "127.0.0.1" || outcome.address == "::1");
}

CAF_TEST(a_name_that_was_never_asked_for_is_no_fault_of_the_target) {
  boost::asio::io_context context;
  const boost::asio::ip::udp::socket silent{context, {boost::asio::ip::address_v4::loopback(), 0}};
  resolver_config dns;
  dns.servers = {"127.0.0.1:" + std::to_string(silent.local_endpoint().port())};
  dns.timeout = 4s; // a name makes room after a tenth of it
  dns.max_in_flight = 1;
  icmp_config config = quick(1);
  config.deadline = 1s;
  auto all = with(config);
  all.resolver = dns;
  counted_engine e(all);
  std::vector<std::string> names;
  for (int i = 0; i < 6; ++i) {
    names.push_back("name" + std::to_string(i) + ".example");
  }
  const auto outcomes = probe_all(*e, names);
  CAF_CHECK(outcomes.front().error == probe_error::resolve_timeout);
  CAF_CHECK(outcomes.front().duration >= 900ms);
  CAF_CHECK(outcomes.back().error == probe_error::local_overload);
  CAF_CHECK(outcomes.back().detail.find("for its turn: resolver.max_in_flight (1)") !=
            std::string::npos);
  CAF_CHECK(outcomes.back().start_lag >= 500ms);
  CAF_CHECK(outcomes.back().duration < 500ms);
  const auto counters = e.stop();
  CAF_CHECK(counters.dns.cancelled >= 2u);
  CAF_CHECK(counters.probes.local_errors >= 2u);
}

CAF_TEST(a_new_configuration_applies_to_new_probes) {
  if (!ready()) {
    return;
  }
  icmp_config config = quick(4);
  config.mode = icmp_mode::fixed;
  config.interval = 30ms;
  engine e(with(config));
  auto running = launch(e, "127.0.0.1");
  config.count = 2;
  apply(e, with(config));
  config.ttl = 9; // needs sockets of its own
  auto second = launch(e, "127.0.0.1");
  apply(e, with(config));
  auto third = launch(e, "127.0.0.1");
  CAF_CHECK_EQUAL(summary_of(take(running)).received, 4u);
  CAF_CHECK_EQUAL(summary_of(take(second)).received, 2u);
  CAF_CHECK_EQUAL(summary_of(take(third)).received, 2u);
  config.source = "192.0.2.55"; // not of this machine
  apply(e, with(config));
  const probe_outcome outcome = probe(e, "127.0.0.1");
  CAF_CHECK(outcome.error == probe_error::local_no_socket);
  CAF_CHECK(outcome.detail.find("192.0.2.55") != std::string::npos);
  config.source = "127.0.0.5";
  apply(e, with(config));
  CAF_CHECK(probe(e, "127.0.0.1").success);
}

CAF_TEST(stopping_answers_what_is_outstanding) {
  if (!ready()) {
    return;
  }
  icmp_config config = quick(100);
  config.mode = icmp_mode::fixed;
  config.interval = 1s;
  config.deadline = 60s;
  engine_options options;
  options.resolve = [](const std::string&, ip_family, const auto&) {};
  counted_engine e(config, options);
  auto running = launch(*e, "127.0.0.1");
  auto resolving = launch(*e, "name.example");
  const engine_counts counters = e.stop();
  CAF_CHECK(take(running).error == probe_error::shutdown);
  CAF_CHECK(take(resolving).error == probe_error::shutdown);
  CAF_CHECK_EQUAL(counters.probes.finished, 2u);
  CAF_CHECK_EQUAL(counters.probes.in_flight, 0u);
  CAF_CHECK(probe(*e, "127.0.0.1").error == probe_error::shutdown);
  e->stop();
}

CAF_TEST(drain_waits_for_the_last_probe) {
  if (!ready()) {
    return;
  }
  icmp_config config = quick(5);
  config.mode = icmp_mode::fixed;
  config.interval = 20ms;
  engine e(with(config));
  std::promise<void> idle;
  e.drain([&] { idle.set_value(); });
  idle.get_future().wait();
  auto running = launch(e, "127.0.0.1");
  std::promise<bool> drained;
  e.drain([&] { drained.set_value(running.wait_for(0s) == std::future_status::ready); });
  CAF_CHECK(drained.get_future().get());
}

CAF_TEST(no_more_probes_run_than_are_allowed) {
  if (!ready()) {
    return;
  }
  icmp_config config = quick(3);
  config.mode = icmp_mode::fixed;
  config.interval = 50ms;
  engine_options options;
  options.max_in_flight = 2;
  engine e(with(config), options);
  const auto outcomes = probe_all(e, {"127.0.0.1", "127.0.0.2", "127.0.0.3"});
  CAF_CHECK(outcomes[0].success);
  CAF_CHECK(outcomes[1].success);
  CAF_CHECK(outcomes[2].error == probe_error::local_overload);
}

CAF_TEST(an_idle_engine_costs_nothing) {
  if (!ready()) {
    return;
  }
  engine e(with(quick(1)));
  probe(e, "127.0.0.1");
  const auto cpu = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return std::chrono::seconds{usage.ru_utime.tv_sec + usage.ru_stime.tv_sec} +
           std::chrono::microseconds{usage.ru_utime.tv_usec + usage.ru_stime.tv_usec};
  };
  const auto before = cpu();
  std::promise<void> never;
  never.get_future().wait_for(500ms);
  CAF_CHECK(cpu() - before < 10ms);
}

CAF_TEST(a_full_receive_buffer_is_our_overload_and_never_loss) {
  if (!ready()) {
    return;
  }
  engine_options options;
  options.receive_buffer = 1; // the kernel's minimum: a few packets
  icmp_config config = quick(1);
  config.timeout = 200ms;
  counted_engine e(config, options);
  std::vector<std::string> addresses;
  for (int i = 1; i <= 200; ++i) {
    addresses.push_back("127.3.0." + std::to_string(i));
  }
  std::size_t overloaded = 0;
  for (const probe_outcome& outcome : probe_all(*e, addresses)) {
    CAF_CHECK(outcome.success || outcome.error == probe_error::local_overload);
    overloaded += outcome.success ? 0 : 1;
    CAF_CHECK_EQUAL(summary_of(outcome).sent, summary_of(outcome).received);
  }
  CAF_CHECK(overloaded > 0);
  // Some kernels count a packet twice, when it does not fit and when it is thrown away.
  CAF_CHECK(e.stop().receive_overflow >= overloaded);
}

} // namespace engine_loopback_suite
