#define CAF_SUITE known_ways

#include "xprober/probes/icmp/known_ways.hpp"

#include <iostream>

#include "tun_network.hpp"

#include "caf/test/unit_test.hpp"

namespace known_ways_suite {

using namespace xprober::icmp;

CAF_TEST(this machine is reached and what cannot be is not) {
  known_ways ways;
  const auto here = parse_target("127.0.0.1").address;
  CAF_CHECK(ways.lead_to(here));
  CAF_CHECK(ways.lead_to(here));
  ways.lost(here);
  CAF_CHECK(ways.lead_to(here));
  // An interface that is not there leads nowhere, whatever routes this machine has.
  auto nowhere = parse_target("::1").address;
  nowhere.bytes = {0xFE, 0x80};
  nowhere.bytes[15] = 1;
  nowhere.scope = 0x7FFFFFFF;
  CAF_CHECK(!ways.lead_to(nowhere));
  CAF_CHECK(!ways.lead_to(nowhere));
}

CAF_TEST(a broadcast address is reached and what is prohibited is not) {
  const test::private_network network;
  if (!network.ok() || !network.run("ip route add prohibit 10.90.0.0/16")) {
    std::cout << "SKIPPED: needs root for a network namespace" << std::endl;
    return;
  }
  known_ways ways;
  CAF_CHECK(ways.lead_to(parse_target("127.255.255.255").address));
  CAF_CHECK(!ways.lead_to(parse_target("10.90.0.1").address));
  CAF_CHECK(!ways.lead_to(parse_target("10.91.0.1").address));
  CAF_CHECK(is_own_broadcast(parse_target("127.255.255.255").address));
  for (const auto* other : {"127.0.0.1", "10.90.0.1", "10.91.0.1", "::1"}) {
    CAF_CHECK(!is_own_broadcast(parse_target(other).address));
  }
}

} // namespace known_ways_suite
