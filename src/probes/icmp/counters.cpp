#include "xprober/probes/icmp/counters.hpp"

namespace xprober::icmp {

std::vector<named_counter> echo_counters::described() const {
  return {
      {.name = "echo_sent", .help = "Echo requests sent.", .value = echo_sent},
      {.name = "echo_received", .help = "Replies counted.", .value = echo_received},
      {.name = "late",
       .help = "Replies after their echo's timeout or their probe's end.",
       .value = late,
       .metric = "echo_late"},
      {.name = "duplicate",
       .help = "Replies that came again.",
       .value = duplicate,
       .metric = "echo_duplicate"},
      {.name = "foreign", .help = "Packets that answer no echo of ours.", .value = foreign},
      {.name = "icmp_errors",
       .help = "ICMP errors received: unreachable, time exceeded.",
       .value = icmp_errors,
       .metric = "errors"},
      {.name = "send_errors",
       .help = "Echoes that the kernel refused.",
       .value = send_errors,
       .own_fault = true},
      {.name = "send_blocked",
       .help = "Times the socket's send buffer was full and echoes waited.",
       .value = send_blocked},
      {.name = "neighbours_full",
       .help = "Probes that ended because the kernel's table of neighbours had no room.",
       .value = neighbours_full,
       .own_fault = true},
      {.name = "receive_overflow",
       .help = "Packets that the kernel dropped because the receive buffer was full.",
       .value = receive_overflow,
       .own_fault = true},
      {.name = "sent_inexact",
       .help = "Echoes whose time of sending is not exact: the prober was interrupted meanwhile.",
       .value = sent_inexact},
      {.name = "shared",
       .help = "Results taken from another target's probe of the same address.",
       .value = shared},
  };
}

} // namespace xprober::icmp
