#include "xprober/app/ping_command.hpp"

#include "xprober/domain/kind_table.hpp"

namespace xprober::app {

namespace {

constexpr std::size_t most_pings = 10'000;

void set_times(icmp_config& icmp, const ping_options& options) {
  icmp.timeout = milliseconds{options.timeout_ms};
  if (options.interval_ms) {
    icmp.interval = milliseconds{*options.interval_ms};
    icmp.mode = icmp_mode::fixed;
  }
  // As long as all echoes take when none is answered.
  icmp.deadline = icmp.interval * icmp.count + icmp.timeout + milliseconds{1000};
}

} // namespace

const probe_kind& ping_kind() noexcept { return kinds::icmp(); }

int ping_command(ping_options options) {
  set_times(options.common.config.icmp, options);
  const auto& prober = *find_prober(builtin_probers(), ping_kind());
  const probe_command command{&prober,
                              "ping",
                              "target",
                              "name addresses, host names or CIDR blocks, or -f FILE",
                              echo_printer(*prober.presenter, options.common.config.icmp.size),
                              most_pings,
                              1}; // more echoes are no help to a link that is full
  return run_probes(command, std::move(options.common));
}

} // namespace xprober::app
