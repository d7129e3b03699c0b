#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/agent_state.hpp"
#include "xprober/domain/clock.hpp"
#include "xprober/domain/probe_result.hpp"

namespace xprober {

/// What results say of the prober itself: numbers since the start, and the sentence of the last of
/// each that is a fault.
struct result_tally {
  std::uint64_t told = 0;           ///< that say something of their target
  std::uint64_t told_mesh = 0;      ///< of them, of the mesh's kind and of a known address
  std::uint64_t told_ip6 = 0;       ///< of them, over IPv6
  std::uint64_t no_socket_mesh = 0; ///< of the mesh's kind, for want of a socket
  std::uint64_t unsent_ip6 = 0;     ///< of IPv6 addresses that this machine could not send to
  std::uint64_t unable = 0;         ///< of every kind, for want of a socket or a way to the target
  std::uint64_t overloaded = 0;     ///< that could not begin, or not be measured, in time
  std::string no_socket_detail{};
  std::string unsent_ip6_detail{};
  std::string unable_detail{};

  void add(const probe_result& result);
};

/// What an agent knows of itself: totals since the start but for what is as it is now.
struct own_fault_sample {
  result_tally results;
  std::uint64_t ticks = 0;
  std::uint64_t late_ticks = 0;
  std::uint64_t skipped_ticks = 0;   ///< left out for want of time
  std::uint64_t unknown_targets = 0; ///< now: of the list, skipped because their type is not known
  std::uint64_t silent_names = 0;    ///< now: that no DNS server answers, and no other since
  std::uint64_t spool_bytes = 0;     ///< now
  std::uint64_t spool_limit = 0;     ///< of `spool_bytes`; 0: there is none
  std::string spool_problem{};       ///< why the disk does not take it now; empty: it does
  std::string certificate_fault{};   ///< now: the sentence; empty: there is none
  std::int64_t clock_ahead_ms = 0;   ///< now: of the server's clock
};

/// Says what keeps an agent from probing, or from probing well, by what has happened in the last
/// minute (longer where probes are rarer, see `set_window`).
class own_fault_watch {
public:
  static constexpr std::chrono::seconds least_window{60};
  /// Ticks that come late are an overload above this share, where there are enough to tell.
  static constexpr std::uint64_t late_percent = 20;
  static constexpr std::uint64_t few_ticks = 50;
  /// So many results that were given up are no overload of an agent with few targets: once in a
  /// while every machine stands still for a moment.
  static constexpr std::uint64_t few_results = 2;
  /// So many different names without an answer, and none with one, are the servers' doing: one or
  /// two may be of a domain that is dead itself.
  static constexpr std::uint64_t few_names = 3;

  /// Looks back over three periods of probing, and `least_window` at least.
  void set_probe_interval(nanoseconds period);

  /// As it is now. `now` never goes back.
  void add(const own_fault_sample& sample, monotonic_time now, wall_time wall);

  /// What holds now, in a fixed order, each since it holds.
  const std::vector<own_fault>& faults() const noexcept { return faults_; }

  /// Why nothing at all can be probed; empty where something can, or there is nothing to probe.
  const std::string& blocked() const noexcept { return blocked_; }

private:
  /// Totals at a time, or how much they have grown.
  struct totals {
    std::uint64_t told = 0;
    std::uint64_t told_mesh = 0;
    std::uint64_t told_ip6 = 0;
    std::uint64_t no_socket_mesh = 0;
    std::uint64_t unsent_ip6 = 0;
    std::uint64_t unable = 0;
    std::uint64_t overloaded = 0;
    std::uint64_t ticks = 0;
    std::uint64_t late = 0;
    std::uint64_t skipped = 0;
  };
  struct moment {
    monotonic_time at{};
    totals then;
  };

  static totals totals_of(const own_fault_sample& sample) noexcept;
  static totals growth(const totals& from, const totals& to) noexcept;
  static std::string overload_text(const totals& grown);
  void look_back(const totals& now_totals, monotonic_time now);

  nanoseconds window_{least_window};
  totals base_;                ///< at the beginning of the window
  std::deque<moment> moments_; ///< in it
  /// When name servers were found dead last. That holds for a window: what could not be resolved
  /// fails until it is probed again.
  std::optional<monotonic_time> silent_at_;
  std::vector<own_fault> faults_;
  std::string blocked_;
};

} // namespace xprober
