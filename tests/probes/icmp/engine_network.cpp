#define CAF_SUITE engine_network

#include <algorithm>
#include <future>
#include <string>
#include <vector>

#include "network_fixture.hpp"

#include "caf/test/unit_test.hpp"

namespace engine_network_suite {

using namespace xprober;
using namespace xprober::icmp;
using namespace xprober::icmp::test;
using namespace std::chrono_literals;

CAF_TEST_FIXTURE_SCOPE(engine_network_tests, network_fixture)

CAF_TEST(silence_is_no_reply) {
  if (!ready) {
    return;
  }
  serve([](const bytes&, const auto&) {});
  counted_engine e(config(3));
  const probe_outcome outcome = probe(*e, "10.77.0.2");
  CAF_CHECK(!outcome.success);
  CAF_CHECK(outcome.error == probe_error::no_reply);
  CAF_CHECK_EQUAL(outcome.detail, "no reply from 10.77.0.2 to 3 echoes within 200 ms each");
  CAF_CHECK_EQUAL(outcome.address, "10.77.0.2");
  CAF_CHECK_EQUAL(summary_of(outcome).sent, 3u);
  CAF_CHECK_EQUAL(summary_of(outcome).received, 0u);
  CAF_CHECK_EQUAL(summary_of(outcome).loss_percent(), 100.0);
  CAF_CHECK(outcome.duration >= 220ms && outcome.duration < 2s);
}

CAF_TEST(a failure is shared like a success) {
  if (!ready) {
    return;
  }
  serve([](const bytes&, const auto&) {});
  auto settings = config(2);
  settings.timeout = 50ms;
  counted_engine e(with(settings, std::chrono::minutes{1}));
  probe(*e, "10.77.0.9", 1);
  const auto measured = probe(*e, "10.77.0.9", 2);
  const auto shared = probe(*e, "10.77.0.9", 1);
  CAF_CHECK(measured.error == probe_error::no_reply);
  CAF_CHECK(shared.shared);
  CAF_CHECK(shared.error == probe_error::no_reply);
  CAF_CHECK_EQUAL(shared.detail, measured.detail);
  const auto counters = e.stop();
  CAF_CHECK_EQUAL(counters.probes.failed, 3u);
  CAF_CHECK_EQUAL(counters.echo_sent, 4u);
}

CAF_TEST(no echo goes to a whole network) {
  if (!ready) {
    return;
  }
  counted_engine e(config(3));
  for (const char* address : {"10.77.255.255", "127.255.255.255"}) {
    const probe_outcome outcome = probe(*e, address);
    CAF_CHECK(outcome.error == probe_error::not_allowed);
    CAF_CHECK(outcome.detail == "cannot send to " + std::string{address} +
                                    ": it is the broadcast address of a network that this "
                                    "machine is in");
  }
  const auto counters = e.stop();
  CAF_CHECK_EQUAL(counters.echo_sent, 0u);
  CAF_CHECK_EQUAL(counters.probes.local_errors, 2u);
}

CAF_TEST(round_trip_times_are_those_of_the_network) {
  if (!ready) {
    return;
  }
  serve([](const bytes& request, const auto& send) { send(reply_to(request), 30ms); });
  engine e(with(config(4)));
  for (const char* address : {"10.77.0.2", "fd77::2"}) {
    if (!tun->has_ip6() && contains(address, ":")) {
      continue;
    }
    const probe_outcome outcome = probe(e, address);
    CAF_CHECK(outcome.success);
    const icmp_summary& s = summary_of(outcome);
    CAF_CHECK_EQUAL(s.received, 4u);
    CAF_CHECK(s.rtt.min >= 29.0f);
    CAF_CHECK(s.rtt.mean < 90.0f);
  }
}

CAF_TEST(loss_is_counted_echo_by_echo) {
  if (!ready) {
    return;
  }
  int n = 0;
  serve([&n](const bytes& request, const auto& send) {
    if (++n % 4 != 0) {
      send(reply_to(request), {});
    }
  });
  engine e(with(config(20)));
  const probe_outcome outcome = probe(e, "10.77.0.2");
  CAF_CHECK(outcome.success);
  CAF_CHECK_EQUAL(summary_of(outcome).sent, 20u);
  CAF_CHECK_EQUAL(summary_of(outcome).received, 15u);
  CAF_CHECK_EQUAL(summary_of(outcome).loss_percent(), 25.0);
}

CAF_TEST(duplicates_are_told_from_replies) {
  if (!ready) {
    return;
  }
  serve([](const bytes& request, const auto& send) {
    send(reply_to(request), {});
    send(reply_to(request), {});
    send(reply_to(request), {});
  });
  icmp_config c = config(5);
  c.mode = icmp_mode::fixed;
  counted_engine e(c);
  const probe_outcome outcome = probe(*e, "10.77.0.2");
  CAF_CHECK_EQUAL(summary_of(outcome).sent, 5u);
  CAF_CHECK_EQUAL(summary_of(outcome).received, 5u);
  // Those of the last echo may come after the probe's end.
  CAF_CHECK(summary_of(outcome).duplicates >= 8u);
  const engine_counts counters = e.stop();
  CAF_CHECK_EQUAL(counters.echo_received, 5u);
  CAF_CHECK(counters.duplicate >= 8u);
}

CAF_TEST(late_replies_are_loss_and_counted_as_late) {
  if (!ready) {
    return;
  }
  int n = 0;
  serve([&n](const bytes& request, const auto& send) {
    send(reply_to(request), ++n == 1 ? 120ms : 0ms);
  });
  icmp_config c = config(3);
  c.mode = icmp_mode::fixed;
  c.interval = 100ms;
  c.timeout = 50ms;
  counted_engine e(c);
  const probe_outcome outcome = probe(*e, "10.77.0.2");
  CAF_CHECK_EQUAL(summary_of(outcome).sent, 3u);
  CAF_CHECK_EQUAL(summary_of(outcome).received, 2u);
  CAF_CHECK_EQUAL(summary_of(outcome).late, 1u);
  CAF_CHECK_EQUAL(e.stop().late, 1u);
}

CAF_TEST(replies_after_the_end_of_their_probe_are_late) {
  if (!ready) {
    return;
  }
  serve([](const bytes& request, const auto& send) { send(reply_to(request), 150ms); });
  icmp_config c = config(1);
  c.timeout = 50ms;
  counted_engine e(c);
  CAF_CHECK(probe(*e, "10.77.0.2").error == probe_error::no_reply);
  // The next probe uses the same slot and gets the last one's reply.
  c.timeout = 1s;
  apply(*e, with(c));
  const probe_outcome second = probe(*e, "10.77.0.2");
  CAF_CHECK_EQUAL(summary_of(second).received, 1u);
  CAF_CHECK(summary_of(second).rtt.min >= 149.0f);
  const engine_counts counters = e.stop();
  CAF_CHECK_EQUAL(counters.late, 1u);
  CAF_CHECK_EQUAL(counters.echo_received, 1u);
}

CAF_TEST(a_thread_that_runs_late_blames_nobody) {
  if (!ready) {
    return;
  }
  // More than the engine receives in the turns before its timer's.
  constexpr int targets = 6000;
  CAF_REQUIRE(network.run("ip link set test0 txqueuelen 10000"));
  std::promise<void> all_sent;
  int n = 0;
  serve([&](const bytes& request, const auto& send) {
    send(reply_to(request), 500ms);
    if (++n == targets) {
      all_sent.set_value();
    }
  });
  // Resolving a name holds the engine's thread until long after the echoes' timeout; the replies
  // come in time meanwhile.
  engine_options options;
  options.resolve = [](const std::string&, ip_family, auto done) {
    std::promise<void> never;
    never.get_future().wait_for(2500ms);
    done({probe_error::resolve_not_found, "no such name", {}});
  };
  icmp_config c = config(1);
  c.timeout = 2s;
  counted_engine e(c, options);
  std::vector<std::future<probe_outcome>> running;
  for (int i = 0; i < targets; ++i) {
    running.push_back(
        launch(*e, "10.77." + std::to_string(1 + i / 250) + "." + std::to_string(1 + i % 250)));
  }
  all_sent.get_future().wait();
  probe(*e, "slow.example");
  std::size_t answered = 0;
  nanoseconds longest{0};
  for (auto& future : running) {
    const probe_outcome outcome = take(future);
    answered += outcome.success ? 1 : 0;
    longest = std::max(longest, outcome.duration);
  }
  CAF_CHECK_EQUAL(answered, static_cast<std::size_t>(targets));
  CAF_CHECK(longest > 2s);
  CAF_CHECK_EQUAL(e.stop().late, 0u);
}

CAF_TEST(in_flight_at_the_deadline_is_not_loss) {
  if (!ready) {
    return;
  }
  int n = 0;
  serve([&n](const bytes& request, const auto& send) {
    if (++n == 1) {
      send(reply_to(request), {});
    }
  });
  icmp_config c = config(3);
  c.timeout = 10s;
  c.deadline = 200ms;
  engine e(with(c));
  const probe_outcome outcome = probe(e, "10.77.0.2");
  CAF_CHECK(outcome.success);
  CAF_CHECK_EQUAL(summary_of(outcome).sent, 1u);
  CAF_CHECK_EQUAL(summary_of(outcome).received, 1u);
  CAF_CHECK(outcome.duration >= 200ms && outcome.duration < 2s);
}

CAF_TEST(replies_of_another_host_are_strangers) {
  if (!ready) {
    return;
  }
  serve([](const bytes& request, const auto& send) {
    bytes reply = reply_to(request);
    reply[15] = 99; // from 10.77.0.99
    finish(reply);
    send(reply, {});
  });
  counted_engine e(config(3));
  CAF_CHECK(probe(*e, "10.77.0.2").error == probe_error::no_reply);
  CAF_CHECK_EQUAL(e.stop().foreign, 3u);
}

CAF_TEST(forged_replies_are_strangers) {
  if (!ready) {
    return;
  }
  serve([](const bytes& request, const auto& send) {
    // The token, the number, the check, and all of it cut off.
    for (const std::size_t at : {28U, 36U, 44U}) {
      bytes reply = reply_to(request);
      ++reply[at];
      finish(reply);
      send(reply, {});
    }
    bytes cut = reply_to(request);
    cut.resize(30);
    store16(cut, 2, 30);
    finish(cut);
    send(cut, {});
  });
  counted_engine e(config(2));
  CAF_CHECK(probe(*e, "10.77.0.2").error == probe_error::no_reply);
  CAF_CHECK_EQUAL(e.stop().foreign, 8u);
}

CAF_TEST(other_programs_replies_do_not_even_arrive) {
  if (!ready) {
    return;
  }
  serve([](const bytes& request, const auto& send) {
    bytes stranger = reply_to(request);
    stranger[24] ^= 1; // another identifier
    finish(stranger);
    send(stranger, {});
    send(reply_to(request), {});
  });
  counted_engine e(config(3));
  CAF_CHECK(probe(*e, "10.77.0.2").success);
  CAF_CHECK_EQUAL(e.stop().foreign, 0u);
}

CAF_TEST(packets_carry_what_is_configured) {
  if (!ready) {
    return;
  }
  bytes seen4;
  bytes seen6;
  serve([&](const bytes& request, const auto& send) {
    (is_ip6(request) ? seen6 : seen4) = request;
    send(reply_to(request), {});
  });
  CAF_REQUIRE(network.run("ip addr add 10.77.0.7/16 dev test0"));
  icmp_config c = config(1);
  c.ttl = 17;
  c.dscp = 46;
  c.size = 131;
  c.source = "10.77.0.7";
  {
    engine e(with(c));
    CAF_CHECK(probe(e, "10.77.0.2").success);
    if (tun->has_ip6()) {
      CAF_CHECK(probe(e, "fd77::2").success);
    }
  }
  tun->stop();
  CAF_REQUIRE_EQUAL(seen4.size(), 20u + 8u + 131u);
  CAF_CHECK_EQUAL(seen4[1], 46 << 2);
  CAF_CHECK_EQUAL(seen4[8], 17);
  CAF_CHECK_EQUAL(seen4[15], 7);
  CAF_CHECK_EQUAL(checksum(seen4, 20, seen4.size()), 0);
  if (tun->has_ip6()) {
    CAF_REQUIRE_EQUAL(seen6.size(), 40u + 8u + 131u);
    CAF_CHECK_EQUAL((load16(seen6, 0) >> 4 & 0xFF), 46 << 2);
    CAF_CHECK_EQUAL(seen6[7], 17);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace engine_network_suite
