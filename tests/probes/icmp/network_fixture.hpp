#pragma once

#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "probe_runner.hpp"
#include "tun_network.hpp"

namespace xprober::icmp::test {

using namespace std::chrono_literals;

/// A private network for each test; the test's own device plays the rest of the world.
struct network_fixture {
  private_network network;
  std::unique_ptr<tun_network> tun;
  bool ready = false;

  network_fixture() {
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

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace xprober::icmp::test
