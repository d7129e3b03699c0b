#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "xprober/domain/config.hpp"
#include "xprober/probes/icmp/host_lookup.hpp"
#include "xprober/probes/icmp/lanes.hpp"
#include "xprober/probes/probe_engine.hpp"

namespace xprober::icmp {

struct engine_options {
  /// Called on the engine's thread about once in `report_interval` while counts change, and once
  /// more when the engine stops.
  std::function<void(const engine_report&)> report;
  milliseconds report_interval{1000};
  resolve_hook resolve; ///< empty: `dns::resolver` on the engine's thread
  /// Bytes of each socket's receive buffer; without CAP_NET_ADMIN the kernel caps it at
  /// net.core.rmem_max. 32 MiB hold the replies of some 40,000 echoes of 100 bytes.
  int receive_buffer = 32 * 1024 * 1024;
  /// Bytes of each socket's send buffer. Small on purpose: it fills, and the engine waits, before
  /// the queue of a network device (1,000 packets by default) overflows and drops, and before
  /// echoes wait long in that queue: some 320 of 100 bytes, 33 ms at 10 Mbit/s. What waits there
  /// is in the measured RTT, what waits in the engine is not.
  int send_buffer = 64 * 1024;
  /// Bytes of each outlet's send buffer: for 80,000 echoes of 100 bytes that wait for their
  /// neighbours' addresses, 832 bytes each. Without CAP_NET_ADMIN the kernel caps it at
  /// net.core.wmem_max: 512 echoes with 208 KiB. Memory is used for what waits only.
  int waiting_buffer = 32 * 1024 * 1024;
  std::uint32_t max_in_flight = 4'000'000; ///< probes; one more ends with `local_overload`
  completion_frame frame;                  ///< around what a round of packets completes
};

/// Probes any number of targets with ICMP echoes over one socket for each address family, on a
/// thread of its own. Without a socket the engine works, and every probe ends with
/// `local_no_socket` and the reason; opening is tried again now and then.
///
/// A probe succeeds if at least one of its echoes is answered. An ICMP error ends a probe at once
/// while nothing was answered; after an answer the echo it names is lost and the probe goes on.
///
/// Targets with the same address and module get one probe's outcome, if it began within the last
/// `probe_interval`. With 0 of it, or without `share_results`, every target is probed for itself.
class engine : public probe_engine {
public:
  /// Opens the sockets and starts the thread. Of `config` it takes `icmp`, the modules built on it,
  /// `resolver` and `probe_interval`; values out of range are brought into it.
  explicit engine(const agent_config& config, engine_options options = {});
  /// Calls `stop`.
  ~engine() override;
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  void start(probe_request request, probe_completion done) override;

  /// One message to the engine's thread for all.
  bool takes_rounds() const noexcept override { return true; }
  void start_all(std::vector<probe_start> round) noexcept override;

  /// Takes `icmp`, its modules, `resolver` and `probe_interval`. Refuses a source that is no
  /// address; sockets are opened by `commit`, and what is missing then is the outcome of the
  /// probes.
  std::string prepare(const agent_config& config) override;

  /// Outcomes of the old settings are not shared any more; probes in flight end as they began.
  void commit() override;

  /// Reports, then calls `done`, on the engine's thread. After `stop` nothing is called.
  void report(std::function<void()> done) override;

  /// Calls `done` on the engine's thread once no probe is in flight: at once if none is, at the
  /// latest when the engine stops. Callable from any thread, but not after `stop`.
  void drain(std::function<void()> done) override;

  /// Answers all outstanding probes with `probe_error::shutdown` and ends the thread. Not to be
  /// called while another thread is in `start`. Probes started from now on are answered so at once.
  /// Not to be called from a completion.
  void stop() override;

  /// What sockets are missing, and how to get them.
  std::string problem() const override { return sockets().problem; }
  bool usable() const override { return sockets().available; }

  /// What sockets the engine got when it was made.
  const socket_status& sockets() const noexcept;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace xprober::icmp
