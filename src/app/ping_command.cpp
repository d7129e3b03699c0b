#include "xprober/app/probe_commands.hpp"

#include <algorithm>
#include <iostream>

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include "xprober/app/probe_run.hpp"
#include "xprober/app/table.hpp"
#include "xprober/probes/icmp/engine.hpp"
#include "xprober/web/outcome_json.hpp"

namespace xprober::app {

namespace {

constexpr std::size_t most_targets = 4'000'000;

/// Every echo of a target answered: that is what the exit status speaks of.
bool all_answered(const probe_outcome& outcome) {
  const auto& s = summary_of<icmp_summary>(outcome);
  return outcome.success && s.received == s.sent;
}

void print_json(const std::string& target, const probe_outcome& outcome) {
  const auto& s = summary_of<icmp_summary>(outcome);
  web::json line{{"target", target}, {"address", outcome.address}};
  line.update(web::icmp_json(outcome, s));
  line["resolve_cached"] = outcome.resolve_cached;
  const auto error = error_text(outcome);
  line["error"] = error.empty() ? web::json{} : web::json(error);
  std::cout << web::json_text(line);
}

/// The error, and what was odd without being one.
std::string notes(const probe_outcome& outcome) {
  const auto& s = summary_of<icmp_summary>(outcome);
  auto text = error_text(outcome);
  const auto add = [&](std::string note) { text += (text.empty() ? "" : "; ") + std::move(note); };
  const auto count = [&](std::uint32_t number, std::string_view what) {
    if (number > 0) {
      add(fmt::format("{} {}", number, what));
    }
  };
  count(s.duplicates, "duplicate");
  count(s.reordered, "reordered");
  count(s.late, "late");
  if (s.rtt_inexact) {
    add("times are inexact: the sending was interrupted");
  }
  if (s.receive_overflow) {
    add("the receive buffer overflowed");
  }
  // The error of a probe that failed names its router already.
  for (const auto& e : s.errors) {
    if (outcome.success) {
      add(fmt::format("{} x {} from {}", e.count, e.text, e.router));
    }
  }
  return text;
}

void print_table(const std::vector<std::string>& targets,
                 const std::vector<probe_outcome>& outcomes) {
  table rows{{"TARGET", "ADDRESS", ">SENT", ">RECV", ">LOSS", ">MIN", ">AVG", ">P50", ">P99",
              ">MAX", ">STDDEV", ">JITTER", ">TTL", "NOTES"}};
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto& o = outcomes[i];
    const auto& s = summary_of<icmp_summary>(o);
    const auto ms = [&](float v) { return s.received > 0 ? ms_text(static_cast<double>(v)) : "-"; };
    rows.add({targets[i], o.address, std::to_string(s.sent), std::to_string(s.received),
              s.sent > 0 ? fmt::format("{:.1f}%", s.loss_percent()) : "-", ms(s.rtt.min),
              ms(s.rtt.mean), ms(s.rtt.p50), ms(s.rtt.p99), ms(s.rtt.max), ms(s.rtt.stddev),
              ms(s.rtt.jitter), s.reply_ttl > 0 ? std::to_string(s.reply_ttl) : "-", notes(o)});
  }
  rows.print(std::cout);
}

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

int ping_command(ping_options options) {
  std::string error;
  auto targets = std::move(options.targets);
  if (!options.file.empty() && !read_target_file(options.file, targets, error)) {
    std::cerr << "xprober ping: " << error << '\n';
    return 2;
  }
  if (!expand_blocks(targets, most_targets, error)) {
    std::cerr << "xprober ping: " << error << '\n';
    return 2;
  }
  if (targets.empty()) {
    std::cerr << "xprober ping: no target; name addresses, host names or CIDR blocks, or -f FILE\n";
    return 2;
  }
  auto icmp = options.icmp;
  set_times(icmp, options);
  icmp::engine_options how_made;
  how_made.dns = options.dns;
  icmp::engine engine{icmp, std::move(how_made)};
  if (!engine.sockets().available) {
    std::cerr << "xprober ping: " << engine.sockets().problem << '\n';
    return 1;
  }
  probe_run::options how;
  how.type = probe_type::icmp;
  how.show_progress = !options.json && ::isatty(STDERR_FILENO) == 1;
  probe_run::observer observe;
  if (options.json) {
    observe = [&](std::size_t place, const probe_outcome& outcome) {
      print_json(targets[place], outcome);
    };
  }
  probe_run run{engine, [&] { engine.stop(); }, targets, how, std::move(observe)};
  const auto outcomes = run.run();
  if (!options.json) {
    print_table(targets, outcomes);
  }
  std::cout.flush();
  return std::all_of(outcomes.begin(), outcomes.end(), all_answered) && !run.interrupted() ? 0 : 1;
}

} // namespace xprober::app
