#include "xprober/app/command_line.hpp"

#include <deque>
#include <iostream>
#include <vector>

#include <CLI/CLI.hpp>

#include "xprober/app/command_tree.hpp"
#include "xprober/app/commands.hpp"
#include "xprober/app/completion.hpp"
#include "xprober/app/init_command.hpp"
#include "xprober/app/join_command.hpp"
#include "xprober/app/kind_command.hpp"
#include "xprober/app/manual_command.hpp"
#include "xprober/app/ping_command.hpp"
#include "xprober/app/probe_command.hpp"
#include "xprober/app/standard_output.hpp"
#include "xprober/app/token_command.hpp"
#include "xprober/app/top_command.hpp"
#include "xprober/app/usage_problem.hpp"
#include "xprober/base/core_dumps.hpp"
#include "xprober/base/descriptors.hpp"
#include "xprober/base/log.hpp"
#include "xprober/base/memory.hpp"
#include "xprober/base/private_files.hpp"
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
  CLI::App* init = nullptr; ///< below `server`
  CLI::App* token = nullptr;
  CLI::App* revoke = nullptr;
  CLI::App* joined = nullptr;
  CLI::App* join = nullptr; ///< below `agent`
  CLI::App* standalone = nullptr;
  CLI::App* top = nullptr;
  CLI::App* check = nullptr;
  config_source source;
  bool plain = false; ///< of `standalone`
  top_options seen;
  std::string file_to_check;
  init_options files_to_make;
  token_options tokens;
  join_options joining;
  ping_options ping;
  std::deque<kind_line> kinds; ///< options refer to their places
  CLI::App* completion = nullptr;
  CLI::App* manual = nullptr;
  std::string shell;
  std::string manual_folder;
};

/// An option that can be given again.
CLI::Option* add_texts(CLI::App& command, const std::string& name, std::vector<std::string>& out,
                       const std::string& help) {
  return command.add_option(name, out, help)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
}

CLI::App* add_service(CLI::App& app, const std::string& name, const std::string& text,
                      config_source& source) {
  auto* command = app.add_subcommand(name, text);
  command->add_option("--config", source.file, "Configuration file (YAML)")->type_name("FILE");
  command
      ->add_option("--set", source.overrides,
                   "Overrides a key of the file, e.g. --set icmp.count=1; KEY=@FILE takes the text "
                   "in a file, which shows in no list of processes")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
  return command;
}

CLI::App* add_init(CLI::App& server, init_options& options) {
  auto* command = server.add_subcommand(
      "init", "Make an authority, the server's certificate, tokens, and a server.yaml with them");
  command->add_option("--dir", options.directory, "Where the files go")
      ->type_name("DIR")
      ->capture_default_str();
  add_texts(*command, "--name", options.names,
            "Host name or address that agents and browsers know the server by, in place of this "
            "machine's name; can be given again")
      ->check(check_server_name)
      ->type_name("NAME");
  add_texts(*command, "--region", options.regions,
            "A join token for an agent of this region; can be given again")
      ->check(check_token_region)
      ->type_name("REGION");
  command->add_option("--ttl", options.life, "How long the join tokens can be used")
      ->check(check_token_life)
      ->type_name("DURATION")
      ->capture_default_str();
  return command;
}

CLI::App* add_tokens(CLI::App& server, const std::string& name, const std::string& help,
                     token_options& options) {
  auto* command = server.add_subcommand(name, help);
  command->add_option("--config", options.config, "The server's configuration file")
      ->type_name("FILE")
      ->capture_default_str();
  return command;
}

/// What operators do about agents that join.
void add_joining_server(parsed& line) {
  auto& options = line.tokens;
  line.token = add_tokens(*line.server, "token",
                          "Print a token with which one agent can join, once", options);
  add_texts(*line.token, "--region", options.regions,
            "The region of the agent; given again, it may choose one; without, any")
      ->check(check_token_region)
      ->type_name("REGION");
  add_texts(*line.token, "--network", options.networks,
            "CIDR block that the agent's address is in; can be given again")
      ->check(check_token_network)
      ->type_name("BLOCK");
  line.token->add_option("--ttl", options.life, "How long the token can be used")
      ->check(check_token_life)
      ->type_name("DURATION")
      ->capture_default_str();
  line.revoke =
      add_tokens(*line.server, "revoke", "Refuse agents that have joined from now on", options);
  line.revoke->add_option("NAME", options.names, "As 'xprober server joined' lists it")->required();
  line.joined = add_tokens(*line.server, "joined", "List the agents that have joined", options);
}

CLI::App* add_join(CLI::App& agent, join_options& options) {
  auto* command = agent.add_subcommand(
      "join", "Get a certificate of this agent's own from a server, and write it and the "
              "configuration that uses it");
  command->add_option("--server", options.server, "https:// or msgpacks://, with host and port")
      ->check(check_join_server)
      ->type_name("URL")
      ->required();
  command
      ->add_option("--token", options.token,
                   "A token of 'xprober server token', or @FILE for one in a file")
      ->type_name("TOKEN")
      ->required();
  command->add_option("--region", options.region, "The region, where the token is not for one")
      ->check(check_token_region)
      ->type_name("REGION");
  command->add_option("--name", options.host, "What the agent is called, in place of its machine")
      ->type_name("NAME");
  command->add_option("--config", options.config, "The configuration file that is to use it")
      ->type_name("FILE")
      ->capture_default_str();
  command
      ->add_option("--dir", options.directory,
                   "Where key and certificate go, in place of state_dir of the configuration")
      ->type_name("DIR");
  command
      ->add_option("--ca-file", options.ca_file,
                   "Authorities of the server's certificate, in place of the one of the token")
      ->type_name("FILE");
  command
      ->add_option("--ca-fingerprint", options.ca_fingerprint,
                   "sha256:HEX of the server's authority, beside what the token says")
      ->check(check_fingerprint)
      ->type_name("FINGERPRINT");
  command->add_flag("--again", options.again, "Join anew where this agent has joined before");
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
  auto* ping =
      app.add_subcommand("ping", "Send ICMP echoes to addresses, host names or CIDR blocks");
  add_ping_options(*ping, options);
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

CLI::App* add_top(CLI::App& app, top_options& options) {
  auto* top = app.add_subcommand(
      "top", "Show what a server or an agent says, on the whole screen or, piped, as lines");
  top->add_option("--token-file", options.token_file, "The token that may look, in a file")
      ->check(CLI::ExistingFile)
      ->type_name("FILE");
  top->add_option("--ca-file", options.ca_file, "Verify certificates against this file (PEM)")
      ->check(CLI::ExistingFile)
      ->type_name("FILE");
  top->add_flag("--insecure", options.insecure, "Do not verify certificates");
  top->add_option("--every", options.every_s,
                  "Ask again after so many seconds, in place of 2 on the screen and once as lines")
      ->check(CLI::Range(1, 86'400))
      ->type_name("SECONDS");
  top->add_flag("--plain", options.plain, "Lines, on a terminal too");
  top->add_option(
      "URL", options.url,
      "Where its pages are; without it http://127.0.0.1:6002 or, if nobody answers there, "
      "http://127.0.0.1:8087");
  return top;
}

/// What is made from the definition of the command line itself.
void add_documents(CLI::App& app, parsed& line) {
  line.completion =
      app.add_subcommand("completion", "Print a script that has a shell complete the command line");
  const std::vector<std::string> shells(completion_shells.begin(), completion_shells.end());
  line.completion->add_option("SHELL", line.shell, "bash, fish or zsh")
      ->check(CLI::IsMember(shells))
      ->required();
  line.manual = app.add_subcommand("man", "Print the manual, or write its pages")->group("");
  line.manual->add_option("--directory", line.manual_folder, "Write a file for each page into it")
      ->type_name("DIRECTORY");
}

void add_commands(CLI::App& app, parsed& line) {
  line.agent = add_service(
      app, "agent", "Probe the targets that a server lists and push the results", line.source);
  line.join = add_join(*line.agent, line.joining);
  line.server =
      add_service(app, "server", "Serve target lists, take in results and show them", line.source);
  line.init = add_init(*line.server, line.files_to_make);
  add_joining_server(line);
  line.standalone = add_service(app, "standalone", "Server and agent in one process", line.source);
  line.standalone->add_flag("--plain", line.plain,
                            "A table on a terminal in place of the full screen");
  line.top = add_top(app, line.seen);
  add_ping(app, line.ping);
  for (const auto& prober : builtin_probers()) {
    if (prober.kind != &ping_kind()) {
      add_kind(app, prober, line.kinds.emplace_back());
    }
  }
  line.check = app.add_subcommand("check-config", "Check a configuration file");
  line.check->add_option("FILE", line.file_to_check, "Configuration file (YAML)")->required();
  add_documents(app, line);
}

int run_service(const parsed& line) {
  end_at_once_on_signals();
  keep_files_private();
  forbid_core_dumps();
  if (*line.agent) {
    return agent_command(line.source);
  }
  return *line.server ? server_command(line.source) : standalone_command(line.source, line.plain);
}

/// Commands below those of the services, which are none themselves.
bool is_about_joining(const parsed& line) {
  return *line.init || *line.token || *line.revoke || *line.joined || *line.join;
}

int run_joining(const parsed& line) {
  if (*line.init) {
    return init_command(line.files_to_make);
  }
  if (*line.join) {
    return join_command(line.joining);
  }
  if (*line.token) {
    return token_command(line.tokens);
  }
  return *line.revoke ? revoke_command(line.tokens) : joined_command(line.tokens);
}

/// Commands that end by themselves; signals end them as they end any.
int run_once(parsed& line) {
  release_signals();
  if (*line.check) {
    return check_config_command(line.file_to_check);
  }
  if (is_about_joining(line)) {
    return run_joining(line);
  }
  // Only the result is wanted on these: what the engines have to say comes as warnings, at once.
  log::set_level(log::level::warn);
  if (*line.top) {
    return top_command(line.seen);
  }
  for (auto& kind : line.kinds) {
    if (*kind.parser) {
      return run_kind(kind);
    }
  }
  return ping_command(std::move(line.ping));
}

int run_document(const CLI::App& app, const parsed& line) {
  release_signals();
  const auto program = describe(app);
  if (*line.manual) {
    return manual_command(program, line.manual_folder);
  }
  std::cout << completion_script(program, line.shell);
  return 0;
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
    const bool needs_file = *line.agent || *line.server;
    if (needs_file && !is_about_joining(line) && line.source.file.empty()) {
      throw CLI::RequiredError("--config"); // not of `server init`, which the parser would ask too
    }
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : bad_usage;
  }
  if (*line.completion || *line.manual) {
    return run_document(app, line);
  }
  const bool serves = (*line.agent || *line.server || *line.standalone) && !is_about_joining(line);
  return serves ? run_service(line) : run_once(line);
}

} // namespace

int run(int argc, char** argv) {
  keep_freed_memory();
  raise_descriptor_limit();
  standard_output output;
  return output.finish(run_command(argc, argv));
}

} // namespace xprober::app
