#pragma once

#include <cstdint>
#include <vector>

#include "xprober/probes/probe_engine.hpp"

namespace xprober::icmp {

/// What the engine counts in echoes and packets, since its start.
struct echo_counters {
  std::uint64_t echo_sent = 0;
  std::uint64_t echo_received = 0; ///< counted as replies
  std::uint64_t late = 0;          ///< after the echo's timeout or the probe's end
  std::uint64_t duplicate = 0;
  std::uint64_t foreign = 0;     ///< wrong check or checksum, wrong source address, not ours
  std::uint64_t icmp_errors = 0; ///< unreachable, time exceeded
  std::uint64_t send_errors = 0;
  std::uint64_t send_blocked = 0;     ///< socket's buffer was full; the echo waited
  std::uint64_t neighbours_full = 0;  ///< probes that ended for want of room for a neighbour
  std::uint64_t receive_overflow = 0; ///< packets dropped for want of space
  std::uint64_t sent_inexact = 0;     ///< the prober was interrupted while they were sent
  std::uint64_t shared = 0; ///< outcomes taken from another target's probe of the same address

  /// All of them, with their names and what they mean.
  std::vector<named_counter> described() const;
};

} // namespace xprober::icmp
