#include "xprober/app/probe_command.hpp"

#include <algorithm>
#include <exception>
#include <iostream>

#include <unistd.h>

#include "xprober/app/probe_run.hpp"
#include "xprober/app/table.hpp"
#include "xprober/app/target_file.hpp"
#include "xprober/app/usage_problem.hpp"
#include "xprober/base/log_line.hpp"

namespace xprober::app {

namespace {

constexpr int not_all_answered = 1;
constexpr std::size_t most_targets = 4'000'000;

int refuse(const probe_command& command, std::string_view problem, int status) {
  std::cerr << "xprober " << command.name << ": " << problem << '\n';
  return status;
}

/// The targets that options and file name; on failure `error` says why there are none.
std::vector<std::string> named_targets(const probe_command& command, probe_options& options,
                                       std::string& error) {
  auto named = std::move(options.targets);
  if (!options.file.empty()) {
    error = read_target_file(options.file, prober_name{*command.prober->kind}, named);
  }
  if (error.empty()) {
    error = expand_named(prober_name{*command.prober->kind}, named, most_targets);
  }
  if (error.empty() && named.empty()) {
    error = "no " + command.target + "; " + command.how_to_ask;
  }
  return named;
}

/// Null, after saying why, where an option cannot be used.
std::unique_ptr<probe_engine> make_engine(const probe_command& command,
                                          const agent_config& config) {
  try {
    return command.prober->make({&config, {}});
  } catch (const std::exception& wrong) {
    refuse(command, wrong.what(), bad_usage);
    return nullptr;
  }
}

void print_table(const result_printer& printer, const std::vector<std::string>& targets,
                 const std::vector<probe_outcome>& outcomes) {
  table rows{printer.heading()};
  for (std::size_t i = 0; i < targets.size(); ++i) {
    rows.add(printer.row(targets[i], outcomes[i]));
  }
  rows.print(std::cout);
}

/// Results on a terminal: each as it comes, and what came of all of them.
class live_lines {
public:
  live_lines(const result_printer& printer, const std::vector<std::string>& targets,
             std::size_t named)
      : printer_(printer), targets_(targets), named_(named) {}

  /// Echoes of many targets at a time would tell nobody anything.
  bool shows_echoes() const { return printer_.has_echoes() && named_ <= most_apart; }

  void echo(std::size_t place, const echo_answer& answer) const {
    print(printer_.line(targets_[place], answer));
  }

  void result(std::size_t place, const probe_outcome& outcome) const {
    // Its echoes were told one by one, and what was cut off is in the summary.
    const bool told = outcome.success || outcome.error == probe_error::shutdown;
    if (!shows_echoes() || !told) {
      print(printer_.line(targets_[place], outcome));
    }
  }

  /// The probes of a target stand one round apart.
  void summary(const std::vector<probe_outcome>& outcomes) const {
    for (std::size_t first = 0; first < named_ && named_ <= most_apart; ++first) {
      std::vector<const probe_outcome*> own;
      for (auto i = first; i < outcomes.size(); i += named_) {
        own.push_back(&outcomes[i]);
      }
      print("\n--- " + targets_[first] + " ---\n", printer_.summary(own));
    }
    if (named_ > 1) {
      const auto good = std::ranges::count_if(
          outcomes, [&](const probe_outcome& outcome) { return printer_.is_good(outcome); });
      print("\n", std::to_string(outcomes.size()) + " probes of " + std::to_string(named_) +
                      " targets: " + std::to_string(good) + " succeeded, " +
                      std::to_string(outcomes.size() - static_cast<std::size_t>(good)) +
                      " did not");
    }
  }

private:
  static constexpr std::size_t most_apart = 16;

  /// Servers may have had a say in the text.
  static void print(std::string before, const std::string& text) {
    log::append_escaped(before, text);
    std::cout << before << std::endl;
  }
  static void print(const std::string& text) { print("", text); }

  const result_printer& printer_;
  const std::vector<std::string>& targets_;
  std::size_t named_;
};

} // namespace

int run_probes(const probe_command& command, probe_options options) {
  std::string error;
  const auto named = named_targets(command, options, error);
  if (!error.empty()) {
    return refuse(command, error, bad_usage);
  }
  // In rounds, with as many probes at a time as there are targets: the probes of one follow each
  // other.
  std::vector<std::string> targets;
  for (std::uint32_t round = 0; round < options.count; ++round) {
    targets.insert(targets.end(), named.begin(), named.end());
  }
  auto shown = targets;
  std::ranges::for_each(shown, [type = prober_name{*command.prober->kind}](std::string& target) {
    take_user(type, target);
  });
  // A person at a terminal is nobody's tool.
  options.config.denied_targets.clear();
  // Who names one address twice wants two probes of it.
  options.config.probe_interval = milliseconds{0};
  const auto engine = make_engine(command, options.config);
  if (!engine) {
    return bad_usage;
  }
  if (!engine->usable()) {
    return refuse(command, engine->problem(), not_all_answered);
  }
  probe_run::options how;
  how.kind = command.prober->kind;
  how.window = std::min(named.size(), command.most_at_once);
  how.attempts = command.attempts;
  const bool live = !options.json && ::isatty(STDOUT_FILENO) == 1;
  how.show_progress = !options.json && !live && ::isatty(STDERR_FILENO) == 1;
  probe_run::observer observe;
  const auto& printer = *command.printer;
  if (options.json) {
    observe = [&](std::size_t place, const probe_outcome& outcome) {
      std::cout << web::json_text(printer.object(shown[place], outcome)) << std::flush;
      return std::cout.good();
    };
  }
  const live_lines lines{printer, shown, named.size()};
  if (live) {
    observe = [&](std::size_t place, const probe_outcome& outcome) {
      lines.result(place, outcome);
      return std::cout.good();
    };
    if (lines.shows_echoes()) {
      how.on_echo = [&](std::size_t place, const echo_answer& answer) {
        lines.echo(place, answer);
      };
    }
  }
  probe_run run{*engine, targets, how, std::move(observe)};
  const auto outcomes = run.run();
  if (live) {
    lines.summary(outcomes);
  } else if (!options.json) {
    print_table(printer, shown, outcomes);
  }
  const bool all = std::ranges::all_of(
      outcomes, [&](const probe_outcome& outcome) { return printer.is_good(outcome); });
  return all && !run.interrupted() ? 0 : not_all_answered;
}

} // namespace xprober::app
