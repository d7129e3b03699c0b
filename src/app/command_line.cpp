#include "xprober/app/command_line.hpp"

#include <deque>
#include <iostream>

#include <CLI/CLI.hpp>

#include "xprober/app/commands.hpp"
#include "xprober/app/kind_command.hpp"
#include "xprober/app/ping_command.hpp"
#include "xprober/app/probe_command.hpp"
#include "xprober/app/standard_output.hpp"
#include "xprober/app/usage_problem.hpp"
#include "xprober/base/descriptors.hpp"
#include "xprober/base/log.hpp"
#include "xprober/base/memory.hpp"
#include "xprober/base/signals.hpp"
#include "xprober/base/version.hpp"
#include "xprober/config/checks.hpp"
#include "xprober/config/kind_section.hpp"

namespace xprober::app {

namespace {

/// The command of a kind, and what its options fill in.
struct kind_line {
  CLI::App* parser = nullptr;
  probe_command command;
  probe_options options;
  std::uint32_t timeout_ms = 0; ///< -W; 0: the kind has no such setting
};

/// The commands, and what the parser fills in; which was named decides what of it counts.
struct parsed {
  CLI::App* agent = nullptr;
  CLI::App* server = nullptr;
  CLI::App* standalone = nullptr;
  CLI::App* check = nullptr;
  config_source source;
  std::string file_to_check;
  ping_options ping;
  std::deque<kind_line> kinds; ///< options refer to their places
};

CLI::App* add_service(CLI::App& app, const std::string& name, const std::string& text,
                      config_source& source, bool needs_file) {
  auto* command = app.add_subcommand(name, text);
  auto* file = command->add_option("--config", source.file, "Configuration file (YAML)");
  file->type_name("FILE");
  if (needs_file) {
    file->required();
  }
  command
      ->add_option("--set", source.overrides,
                   "Overrides a key of the file, e.g. --set icmp.count=1")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
  return command;
}

void add_resolver(CLI::App& command, resolver_config& resolver) {
  command
      .add_option("--dns-server", resolver.servers,
                  "Ask this server instead of resolv.conf's, e.g. 192.0.2.1 or 192.0.2.1:5353; "
                  "can be given again")
      ->check([](const std::string& text) { return config::check_dns_server(text); })
      ->type_name("ADDRESS")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
}

void add_ping(CLI::App& app, ping_options& options) {
  auto& icmp = options.common.config.icmp;
  auto* ping =
      app.add_subcommand("ping", "Send ICMP echoes to addresses, host names or CIDR blocks");
  ping->add_option("-c", icmp.count, "Echoes for each target")
      ->check(CLI::Range(1, 65535))
      ->type_name("COUNT")
      ->capture_default_str();
  ping->add_option("-i", options.interval_ms,
                   "One echo every so many ms; without it the next goes out when the last is "
                   "answered, or after 10 ms")
      ->check(CLI::Range(1, 3'600'000))
      ->type_name("MS");
  ping->add_option("-s", icmp.size, "Payload bytes of an echo")
      ->check(CLI::Range(24, 65507))
      ->type_name("BYTES")
      ->capture_default_str();
  ping->add_option("-W", options.timeout_ms, "How long an echo may take, in ms")
      ->check(CLI::Range(1, 3'600'000))
      ->type_name("MS")
      ->capture_default_str();
  ping->add_option("-f", options.common.file, "Read targets from a file, - for standard input")
      ->type_name("FILE");
  ping->add_flag("--json", options.common.json, "One JSON object a line");
  ping->add_flag_callback(
      "-6", [&icmp] { icmp.preferred_ip_protocol = ip_family::ip6; }, "Prefer IPv6 for host names");
  add_resolver(*ping, options.common.config.resolver);
  ping->add_option("TARGET", options.common.targets, "Address, host name or CIDR block");
}

/// What a target of a form is called, and what else is to be said of it.
std::pair<std::string, std::string> target_words(target_form form) {
  switch (form) {
  case target_form::address: return {"ADDRESS", "Address or host name"};
  case target_form::url:
    return {"URL", "http:// or https:// URL; without a scheme http:// is meant"};
  case target_form::host_port: return {"HOST:PORT", "Host name or address with a port"};
  case target_form::name: return {"NAME", "Name, or NAME@SERVER[:PORT]"};
  }
  return {"TARGET", ""};
}

void add_kind(CLI::App& app, const prober_entry& prober, kind_line& line) {
  const auto& kind = *prober.kind;
  const auto* own = find_command(kind);
  const auto [word, target_help] = target_words(kind.takes);
  auto& [parser, command, options, timeout_ms] = line;
  command = {&prober, kind.name, word, "name one or more, or -f FILE",
             own != nullptr ? own->printer(*prober.presenter) : phase_printer(*prober.presenter)};
  parser =
      app.add_subcommand(kind.name, own != nullptr && !own->help.empty()
                                        ? std::string{own->help}
                                        : "Probe " + word + " and show the time of each phase");
  parser->add_option("-n", options.count, "Probes of each " + word)
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("COUNT")
      ->capture_default_str();
  if (const auto* section = config::find_section(kind)) {
    timeout_ms = static_cast<std::uint32_t>(section->timeout(options.config).count());
    parser->add_option("-W", timeout_ms, "How long a whole probe may take, in ms")
        ->check(CLI::Range(1, 3'600'000))
        ->type_name("MS")
        ->capture_default_str();
  }
  parser->add_option("-f", options.file, "Read targets from a file, - for standard input")
      ->type_name("FILE");
  parser->add_flag("--json", options.json, "One JSON object a line");
  if (own != nullptr && own->add_options != nullptr) {
    own->add_options(*parser, options.config);
  }
  add_resolver(*parser, options.config.resolver);
  parser->add_option(word, options.targets, target_help);
}

int run_kind(kind_line& line) {
  if (const auto* section = config::find_section(*line.command.prober->kind)) {
    section->timeout(line.options.config) = milliseconds{line.timeout_ms};
  }
  return run_probes(line.command, std::move(line.options));
}

void add_commands(CLI::App& app, parsed& line) {
  line.agent =
      add_service(app, "agent", "Probe the targets that a server lists and push the results",
                  line.source, true);
  line.server = add_service(app, "server", "Serve target lists, take in results and show them",
                            line.source, true);
  line.standalone =
      add_service(app, "standalone", "Server and agent in one process", line.source, false);
  add_ping(app, line.ping);
  for (const auto& prober : builtin_probers()) {
    if (prober.kind != &ping_kind()) {
      add_kind(app, prober, line.kinds.emplace_back());
    }
  }
  line.check = app.add_subcommand("check-config", "Check a configuration file");
  line.check->add_option("FILE", line.file_to_check, "Configuration file (YAML)")->required();
}

int run_service(const parsed& line) {
  end_at_once_on_signals();
  if (*line.agent) {
    return agent_command(line.source);
  }
  return *line.server ? server_command(line.source) : standalone_command(line.source);
}

/// Commands that end by themselves; signals end them as they end any.
int run_once(parsed& line) {
  release_signals();
  if (*line.check) {
    return check_config_command(line.file_to_check);
  }
  // Only the result is wanted on these: what the engines have to say comes as warnings, at once.
  log::set_level(log::level::warn);
  for (auto& kind : line.kinds) {
    if (*kind.parser) {
      return run_kind(kind);
    }
  }
  return ping_command(std::move(line.ping));
}

/// Reads the command line and does what it says; the exit status.
int run_command(int argc, char** argv) {
  CLI::App app{"Distributed network prober: very many targets, one agent for each region.",
               "xprober"};
  app.set_version_flag("--version", std::string{"xprober "} + version);
  app.require_subcommand(1);
  app.failure_message([](const CLI::App* failed, const CLI::Error& error) {
    return failed->get_name() + ": " + usage_problem(*failed, error, {{ping_kind().name, "ping"}}) +
           "\nSee 'xprober --help' and 'xprober COMMAND --help'.\n";
  });
  parsed line;
  add_commands(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : bad_usage;
  }
  return *line.agent || *line.server || *line.standalone ? run_service(line) : run_once(line);
}

} // namespace

int run(int argc, char** argv) {
  keep_freed_memory();
  raise_descriptor_limit();
  standard_output output;
  return output.finish(run_command(argc, argv));
}

} // namespace xprober::app
