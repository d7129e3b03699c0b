#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "xprober/domain/config.hpp"
#include "xprober/probes/probe_engine.hpp"

namespace xprober::icmp {

/// What a resolve hook answers.
struct resolved_host {
  probe_error error = probe_error::none; ///< none or one of `resolve_*`
  std::string detail;                    ///< for people, on an error
  std::vector<std::string> addresses;    ///< numeric, best first
  bool cached = false;                   ///< known from an earlier query
  nanoseconds waited{0};                 ///< before it was asked for
};

/// Resolves a host name. Called on the engine's thread; calls `done` exactly once, on any thread,
/// before the engine's end.
using resolve_hook = std::function<void(const std::string& host, ip_family preferred,
                                        std::function<void(resolved_host)> done)>;

/// Configurations by the name of their module.
using module_configs = std::map<std::string, icmp_config, std::less<>>;

struct engine_options {
  /// Called on the engine's thread about once in `report_interval` while counts change, and once
  /// more when the engine stops.
  std::function<void(const icmp_counters&)> on_counters;
  milliseconds report_interval{1000};
  resolve_hook resolve; ///< empty: `dns::resolver` on the engine's thread
  dns_config dns;       ///< for it
  /// Bytes of each socket's receive buffer; without CAP_NET_ADMIN the kernel caps it at
  /// net.core.rmem_max. 32 MiB hold the replies of some 40,000 echoes of 100 bytes.
  int receive_buffer = 32 * 1024 * 1024;
  /// Bytes of each socket's send buffer. Small on purpose: it fills, and the engine waits, before
  /// the queue of a network device (1,000 packets by default) overflows and drops, and before
  /// echoes wait long in that queue: some 320 of 100 bytes, 33 ms at 10 Mbit/s. What waits there
  /// is in the measured RTT, what waits in the engine is not.
  int send_buffer = 64 * 1024;
  /// Targets with the same address and module get one probe's outcome, if it began within this
  /// time: the length of a period. 0, or without `share_results`: every target is probed for
  /// itself.
  nanoseconds share_period{0};
  std::uint32_t max_in_flight = 4'000'000; ///< probes; one more ends with `local_overload`
};

/// What sockets the engine got when it was made.
struct socket_status {
  bool available = false; ///< at least one address family can be probed
  bool raw = false;       ///< raw sockets, else datagram ("ping") sockets
  std::string problem;    ///< what is missing and how to mend it; empty if nothing is
};

/// Probes any number of targets with ICMP echoes over one socket for each address family, on a
/// thread of its own. Without a socket the engine works, and every probe ends with
/// `local_no_socket` and the reason; opening is tried again now and then.
///
/// A probe succeeds if at least one of its echoes is answered. An ICMP error ends a probe at once
/// while nothing was answered; after an answer the echo it names is lost and the probe goes on.
class engine : public probe_engine {
public:
  /// Opens the sockets and starts the thread. Wrong values of `config` are brought into range.
  /// `modules` are for the targets that name them, `config` is for all others.
  explicit engine(icmp_config config, engine_options options = {}, module_configs modules = {});
  /// Calls `stop`.
  ~engine() override;
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  void start(probe_request request, probe_completion done) override;

  /// Applies to probes that begin from now on; those in flight end as they began. Callable from
  /// any thread. `share_period` as in the options; outcomes of the old configuration are not
  /// shared any more.
  void reconfigure(icmp_config config, nanoseconds share_period = nanoseconds{0},
                   module_configs modules = {});

  /// Calls `on_counters`, then `done`, on the engine's thread.
  void report(std::function<void()> done) override;

  /// How names are resolved from now on. Callable from any thread.
  void set_dns(dns_config config);

  /// Calls `done` on the engine's thread once no probe is in flight: at once if none is, at the
  /// latest when the engine stops. Callable from any thread, but not after `stop`.
  void drain(std::function<void()> done);

  /// Answers all outstanding probes with `probe_error::shutdown` and ends the thread. Not to be
  /// called while another thread is in `start`. Probes started from now on are answered so at once.
  /// Not to be called from a completion.
  void stop();

  const socket_status& sockets() const noexcept;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace xprober::icmp
