#include "xprober/probes/stream/counters.hpp"

namespace xprober::stream {

std::vector<named_counter> stream_counters::described() const {
  std::vector<named_counter> all{
      {.name = "connections", .help = "Connections opened.", .value = connections},
      {.name = "resolves", .help = "Names resolved.", .value = resolves},
      {.name = "local_errors",
       .help = "Probes that could not be made here.",
       .value = local_errors,
       .own_fault = true},
      {.name = "no_descriptor",
       .help = "Connections not opened because no more files may be open.",
       .value = no_descriptor},
      {.name = "no_port",
       .help = "Connections not opened because no local port was free.",
       .value = no_port},
      {.name = "no_memory",
       .help = "Connections not opened because the kernel had no memory for them.",
       .value = no_memory},
      {.name = "neighbours_full",
       .help = "Waits in vain while the kernel's table of neighbours had no room.",
       .value = neighbours_full},
      {.name = "stalled_ms",
       .help = "For how long the engine's thread stood still; probes in flight get that time back.",
       .value = stalled_ms,
       .metric = "stalled_seconds",
       .scale = 1e-3},
      {.name = names.yielded,
       .help = "Probes that gave their place to quick ones and began anew.",
       .value = yielded},
      {.name = "places",
       .help = "The most probes that may be in flight.",
       .now = true,
       .value = places},
      {.name = names.queued_slow,
       .help = "Probes of slow targets that wait for a place.",
       .now = true,
       .value = queued_slow},
  };
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

} // namespace xprober::stream
