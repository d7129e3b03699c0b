#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "xprober/probes/probe_engine.hpp"

namespace xprober::stream {

/// Names of counters that one kind's section of `/stats` may need for others; literals.
struct counter_names {
  std::string_view yielded = "yielded";
  std::string_view queued_slow = "queued_slow";
};

/// What every engine of connections counts beside its probes, since its start.
struct stream_counters {
  std::uint64_t connections = 0;
  std::uint64_t resolves = 0;
  std::uint64_t local_errors = 0;  ///< probes that this machine could not make
  std::uint64_t no_descriptor = 0; ///< connections not opened: this process's or system's files
  std::uint64_t no_port = 0;       ///< connections not opened: no local port was free
  std::uint64_t no_memory = 0;     ///< connections not opened: the kernel's buffers or memory
  std::uint64_t neighbours_full =
      0;                        ///< probes that waited in vain while the kernel's table was full
  std::uint64_t stalled_ms = 0; ///< for how long the thread stood still while probes were in flight
  std::uint64_t yielded = 0;    ///< probes that gave their place to quick ones and began anew
  std::uint64_t places = 0;     ///< now: the most probes that may be in flight
  std::uint64_t queued_slow = 0; ///< now: of the probes that wait, those of slow targets
  /// A kind's own, which it describes and counts itself.
  std::vector<named_counter> own;

  counter_names names;

  /// All of them, with their names and what they mean.
  std::vector<named_counter> described() const;
};

} // namespace xprober::stream
