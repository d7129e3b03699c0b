#include "xprober/app/ping_command.hpp"

#include <CLI/CLI.hpp>

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

void add_ping_options(CLI::App& command, ping_options& options) {
  auto& icmp = options.common.config.icmp;
  command.add_option("-c", icmp.count, "Echoes for each target")
      ->check(CLI::Range(1, 65535))
      ->type_name("COUNT")
      ->capture_default_str();
  command
      .add_option("-i", options.interval_ms,
                  "One echo every so many ms; by default the next one is sent as soon as the "
                  "last is answered, or after 10 ms")
      ->check(CLI::Range(1, 3'600'000))
      ->type_name("MS");
  command.add_option("-s", icmp.size, "Payload bytes of an echo")
      ->check(CLI::Range(24, 65507))
      ->type_name("BYTES")
      ->capture_default_str();
  command.add_option("-W", options.timeout_ms, "How long an echo may take, in ms")
      ->check(CLI::Range(1, 3'600'000))
      ->type_name("MS")
      ->capture_default_str();
  command.add_option("-f", options.common.file, "Read targets from a file, - for standard input")
      ->type_name("FILE");
  command.add_flag("--json", options.common.json, "One JSON object a line");
  command.add_flag_callback(
      "-6", [&icmp] { icmp.preferred_ip_protocol = ip_family::ip6; }, "Prefer IPv6 for host names");
}

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
