#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/histogram.hpp"
#include "xprober/domain/probe_result.hpp"
#include "xprober/domain/target.hpp"
#include "xprober/resolver/counters.hpp"

namespace xprober {

struct ad_hoc_request;

struct probe_request {
  target_ref target;
  monotonic_time due{}; ///< when the probe should have begun; the engine reports its lag from it
  /// Of a probe that is for no target of the list; null: none.
  std::shared_ptr<const ad_hoc_request> ad_hoc = nullptr;
};

/// Called exactly once for each started probe, on the engine's own thread (or, for a request that
/// is refused at once, on the caller's). Must not block: it sends a message and returns.
using probe_completion = std::function<void(probe_outcome&&)>;

/// The seam between actors and I/O: all that an actor knows of an engine.
class probe_engine {
public:
  virtual ~probe_engine() = default;

  /// Begins one probe. Callable from any thread; never blocks.
  virtual void start(probe_request request, probe_completion done) = 0;

  /// Tells its counters as they are now to whoever it tells them now and then, and calls `done`
  /// after that, on any thread. Callable from any thread, but not after the engine's end.
  virtual void report(std::function<void()> done) { done(); }
};

/// Counts that every engine keeps, since its start.
struct probe_counters {
  std::uint64_t started = 0;
  std::uint64_t finished = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;       ///< of the target's or the network's fault
  std::uint64_t local_errors = 0; ///< of the prober's own: they say nothing of the target
  std::uint64_t in_flight = 0;    ///< now
  std::uint64_t queued = 0;       ///< now: accepted and waiting for a place
};

/// What the ICMP engine counts, in echoes.
struct icmp_counters {
  probe_counters probes;
  std::uint64_t echo_sent = 0;
  std::uint64_t echo_received = 0; ///< counted as replies
  std::uint64_t late = 0;          ///< after the echo's timeout or the probe's end
  std::uint64_t duplicate = 0;
  std::uint64_t foreign = 0;     ///< wrong check or checksum, wrong source address, not ours
  std::uint64_t icmp_errors = 0; ///< unreachable, time exceeded
  std::uint64_t send_errors = 0;
  std::uint64_t send_blocked = 0;     ///< socket's buffer was full; the echo waited
  std::uint64_t receive_overflow = 0; ///< packets dropped for want of space
  std::uint64_t sent_inexact = 0;     ///< the prober was interrupted while they were sent
  std::uint64_t shared = 0; ///< outcomes taken from another target's probe of the same address
  /// Microseconds from the kernel's receive stamp to the engine's thread, of the replies since the
  /// last report; null where nothing was measured.
  std::shared_ptr<const histogram> receive_gap_us;
  dns_counters dns;
};

struct http_counters {
  probe_counters probes;
  std::uint64_t connections = 0;
  std::uint64_t redirects = 0;
  std::uint64_t resolves = 0;
  std::uint64_t local_errors = 0; ///< probes that this machine could not make
  std::uint64_t body_bytes = 0;
  dns_counters dns;
  std::uint64_t no_descriptor = 0; ///< connections not opened: this process's or system's files
  std::uint64_t no_port = 0;       ///< connections not opened: no local port was free
  std::uint64_t no_memory = 0;     ///< connections not opened: the kernel's buffers or memory
  std::uint64_t yielded = 0;       ///< probes that gave their place to quick ones and began anew
  std::uint64_t places = 0;        ///< now: the most probes that may be in flight
  std::uint64_t queued_slow = 0;   ///< now: of the probes that wait, those of slow targets
};

} // namespace xprober
