#pragma once

#include <memory>

#include "xprober/domain/histogram.hpp"
#include "xprober/probes/icmp/clock_bridge.hpp"
#include "xprober/probes/icmp/counters.hpp"
#include "xprober/probes/icmp/echo_events.hpp"
#include "xprober/probes/icmp/message_batch.hpp"
#include "xprober/probes/icmp/probe_table.hpp"

namespace xprober::icmp {

/// The receiving side: takes packets and ICMP errors from sockets, finds the probes that they are
/// for, and feeds them in. What answers no echo of ours is counted and dropped.
class echo_receiver {
public:
  struct services {
    probe_table& probes;
    const tag_signer& signer;
    echo_counters& counters;
    echo_events& events;
  };

  explicit echo_receiver(services use);

  /// Makes room for replies with payloads of up to so many bytes.
  void reserve(std::size_t payload_size) { batch_.reserve(payload_size); }

  /// Takes what has come, some 2,000 packets at most; false if there was nothing.
  bool receive_backlog(endpoint& via);

  /// Takes everything that had arrived by `until`.
  void receive_all(endpoint& via, monotonic_time until);

  /// Takes all ICMP errors that are queued, and what an outlet tells; false if there was nothing.
  bool take_errors(endpoint& via);

  /// Counts what the socket dropped since the last look, before it is read.
  void note_drops(endpoint& via, monotonic_time now);

  /// Microseconds from the kernel's stamps to this thread, since the last call.
  std::shared_ptr<const histogram> take_receive_gaps();

private:
  bool receive_some(endpoint& via);
  void take_packet(endpoint& via, std::size_t index, monotonic_time now);
  void take_reply(const echo_view& reply, const echo_tag& tag, const host_address& source,
                  std::uint8_t ttl, monotonic_time at, monotonic_time now);
  void take_error(endpoint& via, const queued_error& error);
  void take_leaving(const endpoint& via, const queued_error& left);
  probe_slot* learn_leaving(const echo_tag& tag);
  probe_slot* assume_left(const probe_slot& slot, const echo_tag& tag);

  services use_;
  receive_batch batch_;
  clock_bridge bridge_;
  histogram gaps_us_;
};

} // namespace xprober::icmp
