#pragma once

#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "probe_runner.hpp"
#include "xprober/probes/icmp/echo_receiver.hpp"
#include "xprober/probes/icmp/echo_sender.hpp"
#include "xprober/probes/icmp/lanes.hpp"
#include "xprober/probes/icmp/settings.hpp"

namespace xprober::icmp::test {

/// Notes what the sides that move packets say.
struct noted_events : echo_events {
  std::vector<queued_echo> sent;
  std::vector<queued_echo> handed;
  std::vector<echo_tag> left;
  std::vector<bool> left_exactly;
  std::vector<echo_tag> stayed;
  std::vector<int> refused;
  std::vector<std::uint32_t> given_up;
  std::vector<std::uint32_t> moves;
  probe_table* table = nullptr; ///< its probes are told of what was sent

  void echo_sent(const queued_echo& item, monotonic_time at, bool exact) override {
    sent.push_back(item);
    if (auto* s = table->find(item.slot, item.generation)) {
      s->probe.sent(at, exact);
    }
  }
  void echo_handed(const queued_echo& item, monotonic_time) override { handed.push_back(item); }
  void echo_left(const echo_tag& tag, monotonic_time at, bool exact) override {
    left.push_back(tag);
    left_exactly.push_back(exact);
    auto* s = table->find(tag.slot, tag.generation);
    if (s != nullptr && s->is_handed()) {
      s->handed_at = {};
      s->probe.sent(at, exact);
    }
  }
  void echo_stayed(const echo_tag& tag) override { stayed.push_back(tag); }
  void echo_refused(const queued_echo&, int error) override { refused.push_back(error); }
  void gave_up_waiting(std::uint32_t slot) override { given_up.push_back(slot); }
  void moved(std::uint32_t slot, monotonic_time) override { moves.push_back(slot); }
};

/// Both sides over real sockets to loopback, without an engine.
struct sides_fixture {
  boost::asio::io_context io;
  lanes ways;
  probe_table table;
  tag_signer signer;
  echo_counters counters;
  noted_events events;
  neighbour_table kernel{.entries = 1024, .limit = 1024, .refusals = 0};
  neighbours nearby{[this](ip_family) { return std::optional{kernel}; }};
  bool deaf = false; ///< the sender does not have errors taken
  std::function<void(endpoint&)> errors_taken = [](endpoint&) {}; ///< called when it has
  bool had_room = false;
  int widened = 0;
  echo_receiver receiver{{table, signer, counters, events}};
  echo_sender sender{{table, signer, counters, events, nearby,
                      [this](endpoint& via) {
                        if (!deaf) {
                          receiver.take_errors(via);
                          errors_taken(via);
                        }
                      },
                      [this](const std::shared_ptr<endpoint>&) { ++widened; },
                      [this] { had_room = true; }}};

  /// `waiting`: bytes of the send buffers of outlets; 0: there are none.
  explicit sides_fixture(int waiting = 0) : ways{io, {.waiting = waiting}} {
    events.table = &table;
    settings all;
    all.own.count = 3;
    all.own.timeout = milliseconds{500};
    ways.take(all);
    receiver.reserve(ways.largest_echo());
  }

  bool ready() const {
    const auto status = ways.status();
    if (!status.available) {
      std::cout << "SKIPPED: " << status.problem << std::endl;
    }
    return status.available;
  }

  /// A probe that wants its first echo sent.
  std::uint32_t queue_probe(const std::string& address) {
    const auto index = table.take();
    auto& s = table[index];
    s.via = ways.of(kinds::icmp());
    s.address = parse_target(address).address;
    s.begun = monotonic_clock::now();
    s.state = probe_slot::phase::probing;
    s.probe.start(s.via->plan, s.begun, s.begun + s.via->config.deadline);
    s.probe.next(s.begun);
    s.out().queue.push({index, s.generation});
    return index;
  }

  std::shared_ptr<endpoint> ip4() const { return ways.of(kinds::icmp())->endpoints[0]; }

  /// Receives until a probe was moved; false if that takes longer than two seconds.
  bool receive_until_moved() {
    const auto end = monotonic_clock::now() + std::chrono::seconds{2};
    while (events.moves.empty() && monotonic_clock::now() < end) {
      receiver.receive_backlog(*ip4());
    }
    return !events.moves.empty();
  }
};

} // namespace xprober::icmp::test
