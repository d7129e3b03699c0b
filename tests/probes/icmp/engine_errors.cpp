#define CAF_SUITE engine_errors

#include <algorithm>
#include <future>
#include <map>
#include <string>
#include <vector>

#include "network_fixture.hpp"

#include "caf/test/unit_test.hpp"

namespace engine_errors_suite {

using namespace xprober;
using namespace xprober::icmp;
using namespace xprober::icmp::test;
using namespace std::chrono_literals;

CAF_TEST_FIXTURE_SCOPE(engine_errors_tests, network_fixture)

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
  const engine_counts counters = e.stop();
  CAF_CHECK_EQUAL(counters.send_errors, 0u);
  CAF_CHECK_EQUAL(counters.icmp_errors, 0u);
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
  const engine_counts counters = e.stop();
  CAF_CHECK_EQUAL(counters.icmp_errors, tun->has_ip6() ? 6u : 4u);
  CAF_CHECK_EQUAL(counters.send_errors, 0u);
}

CAF_TEST(what has left before an icmp error comes is counted) {
  if (!ready || !with_ping_group()) {
    return;
  }
  // Longer than the interval: several echoes are on their way by then.
  std::map<std::string, std::uint32_t> requests; // of this thread after `stop`
  serve([&requests](const bytes& request, const auto& send) {
    ++requests[is_ip6(request) ? "fd77::1:" + std::to_string(request[39])
                               : "10.77.1." + std::to_string(request[19])];
    send(is_ip6(request) ? error_about(request, 1, 3, 8) : error_about(request, 3, 1, 8), 300ms);
  });
  std::map<std::string, std::uint32_t> told;
  for (const auto kind : {icmp_socket::raw, icmp_socket::dgram}) {
    icmp_config c = config(5);
    c.socket = kind;
    c.interval = 10ms;
    c.timeout = 5s;
    counted_engine e(c);
    std::vector<std::string> addresses{kind == icmp_socket::raw ? "10.77.1.1" : "10.77.1.2"};
    if (tun->has_ip6()) {
      addresses.push_back(kind == icmp_socket::raw ? "fd77::1:3" : "fd77::1:4");
    }
    const auto outcomes = probe_all(*e, addresses);
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      CAF_CHECK(outcomes[i].error == probe_error::unreachable);
      CAF_CHECK(outcomes[i].duration < 4s);
      told[addresses[i]] = summary_of(outcomes[i]).sent;
      CAF_CHECK(told[addresses[i]] > 1u);
    }
    CAF_CHECK_EQUAL(e.stop().send_errors, 0u);
  }
  tun->stop();
  CAF_CHECK(told == requests);
}

CAF_TEST(an answer behind an icmp error counts) {
  if (!ready) {
    return;
  }
  std::uint32_t requests = 0; // of this thread after `stop`
  serve([&requests](const bytes& request, const auto& send) {
    // The first one is the only one that does not arrive.
    send(++requests == 1 ? error_about(request, 3, 1, 64) : reply_to(request), 300ms);
  });
  icmp_config c = config(5);
  c.interval = 10ms;
  c.timeout = 5s;
  counted_engine e(c);
  const probe_outcome outcome = probe(*e, "10.77.1.1");
  CAF_CHECK(outcome.success);
  const auto told = summary_of(outcome);
  CAF_CHECK_EQUAL(told.sent, 5u);
  CAF_CHECK_EQUAL(told.received, 4u);
  e.stop();
  tun->stop();
  CAF_CHECK_EQUAL(requests, 5u);
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
  engine e(with(c));
  CAF_CHECK(!e.sockets().available);
  CAF_CHECK(contains(e.sockets().problem, "setcap cap_net_raw+ep"));
  CAF_CHECK(contains(e.sockets().problem, "net.ipv4.ping_group_range"));
  const probe_outcome outcome = probe(e, "127.0.0.1");
  CAF_CHECK(outcome.error == probe_error::local_no_socket);
  CAF_CHECK(contains(outcome.detail, "setcap cap_net_raw+ep"));
  // Once it is allowed, a new configuration finds its socket.
  CAF_REQUIRE(with_ping_group());
  c.ttl = 63;
  apply(e, with(c));
  CAF_CHECK(probe(e, "127.0.0.1").success);
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
    const engine_counts counters = e.stop();
    CAF_CHECK(counters.send_blocked > 0);
    CAF_CHECK_EQUAL(counters.send_errors, 0u);
    CAF_CHECK_EQUAL(counters.echo_sent, 300u);
  }
}

CAF_TEST_FIXTURE_SCOPE_END()

} // namespace engine_errors_suite
