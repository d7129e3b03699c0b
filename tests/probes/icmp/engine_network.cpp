#define CAF_SUITE engine_network

#include <algorithm>
#include <memory>

#include "probe_runner.hpp"
#include "tun_network.hpp"

#include "caf/test/unit_test.hpp"

using namespace xprober;
using namespace xprober::icmp;
using namespace xprober::icmp::test;
using namespace std::chrono_literals;

namespace {

/// A private network for each test; the test's own device plays the rest of the world.
struct fixture {
  private_network network;
  std::unique_ptr<tun_network> tun;
  bool ready = false;

  fixture() {
    if (network.ok()) {
      tun = std::make_unique<tun_network>();
    }
    ready = tun && tun->ok();
    if (!ready) {
      std::cout << "SKIPPED: needs root for a network namespace, and a TUN device" << std::endl;
    }
  }

  icmp_config config(std::uint32_t count) {
    icmp_config c;
    c.count = count;
    c.timeout = 200ms;
    return c;
  }

  /// Answers echo requests with what `answer` makes of them.
  void serve(std::function<void(const bytes&, const tun_network::sender&)> answer) {
    tun->serve([answer = std::move(answer)](const bytes& packet, const auto& send) {
      if (is_echo_request(packet)) {
        answer(packet, send);
      }
    });
  }

  bool with_ping_group() {
    return private_network::run("sysctl -qw net.ipv4.ping_group_range='0 2147483647'");
  }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(engine_network_tests, fixture)

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

CAF_TEST(round_trip_times_are_those_of_the_network) {
  if (!ready) {
    return;
  }
  serve([](const bytes& request, const auto& send) { send(reply_to(request), 30ms); });
  engine e(config(4));
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
  engine e(config(20));
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
  const icmp_counters counters = e.stop();
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
  e->reconfigure(c);
  const probe_outcome second = probe(*e, "10.77.0.2");
  CAF_CHECK_EQUAL(summary_of(second).received, 1u);
  CAF_CHECK(summary_of(second).rtt.min >= 149.0f);
  const icmp_counters counters = e.stop();
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

CAF_TEST(other_programs_errors_do_not_stop_our_sending) {
  if (!ready) {
    return;
  }
  serve([](const bytes& request, const auto& send) {
    bytes others = request;
    others[24] ^= 1; // another identifier
    finish(others);
    for (int i = 0; i < 3; ++i) {
      send(error_about(others, 3, 1, 64), {});
    }
    send(reply_to(request), {});
  });
  icmp_config c = config(40);
  c.mode = icmp_mode::fixed;
  c.interval = 1ms;
  c.timeout = 2s;
  counted_engine e(c);
  std::vector<std::string> addresses;
  for (int i = 1; i <= 5; ++i) {
    addresses.push_back("10.77.1." + std::to_string(i));
  }
  for (const probe_outcome& outcome : probe_all(*e, addresses)) {
    CAF_CHECK_EQUAL(outcome.detail, "");
    CAF_CHECK_EQUAL(summary_of(outcome).received, 40u);
  }
  const icmp_counters counters = e.stop();
  CAF_CHECK_EQUAL(counters.send_errors, 0u);
  CAF_CHECK_EQUAL(counters.icmp_errors, 0u);
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
  engine e(c);
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

CAF_TEST(an_icmp_error_ends_the_probe_and_names_the_router) {
  if (!ready) {
    return;
  }
  // The third byte of the address tells what to answer; the fourth how much is quoted.
  serve([](const bytes& request, const auto& send) {
    if (is_ip6(request)) {
      send(request[39] == 1 ? error_about(request, 1, 3, 64) : error_about(request, 3, 0, 64), {});
      return;
    }
    const std::size_t quote = request[19];
    send(request[18] == 1 ? error_about(request, 3, 1, quote) : error_about(request, 11, 0, quote),
         {});
  });
  icmp_config c = config(10);
  c.timeout = 5s;
  counted_engine e(c);
  for (const char* address :
       {"10.77.1.8", "10.77.1.100", "fd77::1:1", "10.77.2.8", "10.77.2.100", "fd77::1:2"}) {
    if (!tun->has_ip6() && contains(address, ":")) {
      continue;
    }
    const std::string target = address;
    const bool unreachable = contains(target, ".1.") || target == "fd77::1:1";
    const probe_outcome outcome = probe(*e, target);
    CAF_CHECK(outcome.error ==
              (unreachable ? probe_error::unreachable : probe_error::ttl_exceeded));
    CAF_CHECK(!outcome.success);
    CAF_CHECK_EQUAL(summary_of(outcome).sent, 1u);
    CAF_CHECK_EQUAL(summary_of(outcome).received, 0u);
    CAF_CHECK(outcome.duration < 2s);
    CAF_CHECK(contains(outcome.detail, target));
    CAF_CHECK(contains(outcome.detail, contains(target, ":") ? "fd77::fe" : "10.77.0.254"));
    CAF_CHECK(contains(outcome.detail, "code "));
  }
  const icmp_counters counters = e.stop();
  CAF_CHECK_EQUAL(counters.icmp_errors, tun->has_ip6() ? 6u : 4u);
  CAF_CHECK_EQUAL(counters.send_errors, 0u);
}

CAF_TEST(a_forged_icmp_error_ends_nothing) {
  if (!ready) {
    return;
  }
  serve([](const bytes& request, const auto& send) {
    bytes other_target = error_about(request, 3, 1, 64);
    other_target[28 + 19] = 200; // quotes a packet to 10.77.0.200
    finish(other_target);
    send(other_target, {});
    bytes other_tag = error_about(request, 3, 1, 64);
    ++other_tag[28 + 20 + 8];
    finish(other_tag);
    send(other_tag, {});
    send(error_about(request, 3, 4, 64), {}); // a packet too big says nothing of the target
    send(reply_to(request), 20ms);
  });
  counted_engine e(config(2));
  const probe_outcome outcome = probe(*e, "10.77.0.2");
  CAF_CHECK(outcome.success);
  CAF_CHECK_EQUAL(summary_of(outcome).received, 2u);
}

CAF_TEST(a_refusing_route_is_a_local_send_error) {
  if (!ready) {
    return;
  }
  CAF_REQUIRE(network.run("ip route add unreachable 10.88.0.0/16"));
  CAF_REQUIRE(network.run("ip route add blackhole 10.89.0.0/16"));
  CAF_REQUIRE(network.run("ip route add prohibit 10.90.0.0/16"));
  counted_engine e(config(5));
  const auto outcomes = probe_all(
      *e, {"10.88.0.1", "127.0.0.1", "10.89.0.1", "127.0.0.2", "10.90.0.1", "198.51.100.1"});
  for (const std::size_t i : {0U, 2U, 4U, 5U}) {
    CAF_CHECK(outcomes[i].error == probe_error::local_send);
    CAF_CHECK(is_local(outcomes[i].error));
    CAF_CHECK_EQUAL(summary_of(outcomes[i]).sent, 0u);
    CAF_CHECK(contains(outcomes[i].detail, "cannot send to " + outcomes[i].address));
  }
  CAF_CHECK(contains(outcomes[0].detail, "No route to host"));
  CAF_CHECK(contains(outcomes[5].detail, "Network is unreachable"));
  CAF_CHECK(outcomes[1].success);
  CAF_CHECK(outcomes[3].success);
  CAF_CHECK_EQUAL(e.stop().send_errors, 4u);
}

CAF_TEST(errors_of_some_targets_are_never_blamed_on_others) {
  if (!ready) {
    return;
  }
  serve([](const bytes& request, const auto& send) { send(error_about(request, 3, 1, 8), {}); });
  for (const icmp_socket kind : {icmp_socket::raw, icmp_socket::dgram}) {
    CAF_REQUIRE(with_ping_group());
    icmp_config c = config(10);
    c.socket = kind;
    c.timeout = 2s;
    counted_engine e(c);
    std::vector<std::string> addresses;
    for (int i = 1; i <= 200; ++i) {
      addresses.push_back((i % 2 == 0 ? "127.0.0." : "10.77.3.") + std::to_string(i));
    }
    const auto outcomes = probe_all(*e, addresses);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const bool good = addresses[i].starts_with("127.");
      CAF_CHECK(outcomes[i].error == (good ? probe_error::none : probe_error::unreachable));
      CAF_CHECK_EQUAL(summary_of(outcomes[i]).received, good ? 10u : 0u);
      if (good) {
        CAF_CHECK_EQUAL(summary_of(outcomes[i]).sent, 10u);
      }
    }
    CAF_CHECK_EQUAL(e.stop().send_errors, 0u);
  }
}

CAF_TEST(datagram_sockets_do_without_the_capability) {
  if (!ready) {
    return;
  }
  CAF_REQUIRE(with_ping_group());
  serve([](const bytes& request, const auto& send) {
    if (!is_ip6(request) && request[19] == 3) {
      return;
    }
    if (!is_ip6(request) && request[19] == 4) {
      send(error_about(request, 11, 0, 8), {});
      return;
    }
    send(reply_to(request), {});
    send(reply_to(request), {});
  });
  icmp_config c = config(5);
  c.socket = icmp_socket::dgram;
  counted_engine e(c);
  CAF_CHECK(e->sockets().available);
  CAF_CHECK(!e->sockets().raw);
  const auto outcomes =
      probe_all(*e, {"10.77.0.2", "127.0.0.1", "10.77.0.3", "10.77.0.4", "fd77::2", "::1"});
  for (const std::size_t i : {0U, 1U, 4U, 5U}) {
    if (i < 4 || tun->has_ip6()) {
      CAF_CHECK(outcomes[i].success);
      CAF_CHECK_EQUAL(summary_of(outcomes[i]).sent, 5u);
      CAF_CHECK_EQUAL(summary_of(outcomes[i]).received, 5u);
    }
  }
  CAF_CHECK(outcomes[2].error == probe_error::no_reply);
  CAF_CHECK(outcomes[3].error == probe_error::ttl_exceeded);
  CAF_CHECK(e.stop().duplicate >= 4u);
}

CAF_TEST(without_any_socket_the_reason_names_both_ways_out) {
  if (!ready) {
    return;
  }
  // The range that is empty, the default of a new namespace.
  CAF_REQUIRE(network.run("sysctl -qw net.ipv4.ping_group_range='1 0'"));
  icmp_config c = config(1);
  c.socket = icmp_socket::dgram;
  engine e(c);
  CAF_CHECK(!e.sockets().available);
  CAF_CHECK(contains(e.sockets().problem, "setcap cap_net_raw+ep"));
  CAF_CHECK(contains(e.sockets().problem, "net.ipv4.ping_group_range"));
  const probe_outcome outcome = probe(e, "127.0.0.1");
  CAF_CHECK(outcome.error == probe_error::local_no_socket);
  CAF_CHECK(contains(outcome.detail, "setcap cap_net_raw+ep"));
  // Once it is allowed, a new configuration finds its socket.
  CAF_REQUIRE(with_ping_group());
  c.ttl = 63;
  e.reconfigure(c);
  CAF_CHECK(probe(e, "127.0.0.1").success);
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
    engine e(c);
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

CAF_TEST(a_slow_device_delays_echoes_and_loses_none) {
  if (!ready) {
    return;
  }
  serve([](const bytes& request, const auto& send) { send(reply_to(request), {}); });
  std::vector<std::string> addresses;
  for (int i = 0; i < 300; ++i) {
    addresses.push_back("10.77." + std::to_string(4 + i / 200) + "." + std::to_string(i % 200 + 1));
  }
  // The first fills the socket's buffer (EAGAIN), the second the device's own queue (ENOBUFS).
  for (const char* queue :
       {"tbf rate 20mbit burst 3000 limit 10000000", "tbf rate 20mbit burst 3000 limit 10000"}) {
    if (!network.run(std::string("tc qdisc replace dev test0 root ") + queue)) {
      CAF_MESSAGE("this kernel has no tbf queue: nothing to test");
      CAF_CHECK(true);
      return;
    }
    engine_options options;
    options.send_buffer = 20'000;
    icmp_config c = config(1);
    c.size = 1000;
    c.timeout = 3s;
    counted_engine e(c, options);
    for (const probe_outcome& outcome : probe_all(*e, addresses)) {
      CAF_CHECK(outcome.success);
      CAF_CHECK_EQUAL(summary_of(outcome).received, 1u);
    }
    const icmp_counters counters = e.stop();
    CAF_CHECK(counters.send_blocked > 0);
    CAF_CHECK_EQUAL(counters.send_errors, 0u);
    CAF_CHECK_EQUAL(counters.echo_sent, 300u);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()
