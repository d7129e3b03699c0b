#include "xprober/app/command_line.hpp"

#include <iostream>

#include <CLI/CLI.hpp>

#include "xprober/app/commands.hpp"
#include "xprober/app/probe_commands.hpp"
#include "xprober/base/descriptors.hpp"
#include "xprober/base/log.hpp"
#include "xprober/base/memory.hpp"
#include "xprober/base/version.hpp"
#include "xprober/config/checks.hpp"

namespace xprober::app {

namespace {

constexpr int bad_usage = 2;

/// What the parser fills in; which command was named decides what of it counts.
struct parsed {
  config_source source;
  std::string file_to_check;
  ping_options ping;
  http_options http;
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

void add_dns(CLI::App& command, resolver_config& dns) {
  command
      .add_option("--dns-server", dns.servers,
                  "Ask this server instead of resolv.conf's, e.g. 192.0.2.1 or 192.0.2.1:5353; "
                  "can be given again")
      ->check([](const std::string& text) { return config::check_dns_server(text); })
      ->type_name("ADDRESS")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
}

CLI::App* add_ping(CLI::App& app, ping_options& options) {
  auto* ping =
      app.add_subcommand("ping", "Send ICMP echoes to addresses, host names or CIDR blocks");
  ping->add_option("-c", options.icmp.count, "Echoes for each target")
      ->check(CLI::Range(1, 65535))
      ->type_name("COUNT")
      ->capture_default_str();
  ping->add_option("-i", options.interval_ms,
                   "One echo every so many ms; without it the next goes out when the last is "
                   "answered, or after 10 ms")
      ->check(CLI::Range(1, 3'600'000))
      ->type_name("MS");
  ping->add_option("-s", options.icmp.size, "Payload bytes of an echo")
      ->check(CLI::Range(24, 65507))
      ->type_name("BYTES")
      ->capture_default_str();
  ping->add_option("-W", options.timeout_ms, "How long an echo may take, in ms")
      ->check(CLI::Range(1, 3'600'000))
      ->type_name("MS")
      ->capture_default_str();
  ping->add_option("-f", options.file, "Read targets from a file, - for standard input")
      ->type_name("FILE");
  ping->add_flag("--json", options.json, "One JSON object a line");
  ping->add_flag_callback(
      "-6", [&options] { options.icmp.preferred_ip_protocol = ip_family::ip6; },
      "Prefer IPv6 for host names");
  add_dns(*ping, options.dns);
  ping->add_option("TARGET", options.targets, "Address, host name or CIDR block");
  return ping;
}

void add_http(CLI::App& app, http_options& options) {
  auto* http = app.add_subcommand("http", "Probe URLs and show the time of each phase");
  http->add_option("-n", options.count, "Probes of each URL")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("COUNT")
      ->capture_default_str();
  http->add_option("-W", options.timeout_ms, "How long a whole probe may take, in ms")
      ->check(CLI::Range(1, 3'600'000))
      ->type_name("MS")
      ->capture_default_str();
  http->add_option("-f", options.file, "Read URLs from a file, - for standard input")
      ->type_name("FILE");
  http->add_flag("--json", options.json, "One JSON object a line");
  http->add_option("--ca-file", options.http.ca_file, "Verify certificates against this file (PEM)")
      ->check(CLI::ExistingFile)
      ->type_name("FILE");
  http->add_flag("--insecure", options.http.insecure_skip_verify, "Do not verify certificates");
  http->add_flag_callback(
      "-6", [&options] { options.http.preferred_ip_protocol = ip_family::ip6; }, "Prefer IPv6");
  add_dns(*http, options.dns);
  http->add_option("--proxy", options.http.proxy_url,
                   "Ask through this HTTP proxy, http:// or https://")
      ->check([](const std::string& url) { return config::check_proxy_url(url); })
      ->type_name("URL");
  http->add_option("URL", options.urls,
                   "http:// or https:// URL; without a scheme http:// is meant");
}

} // namespace

int run(int argc, char** argv) {
  keep_freed_memory();
  raise_descriptor_limit();
  CLI::App app{
      "Distributed network prober: ICMP and HTTP, very many targets, one agent for each region.",
      "xprober"};
  app.set_version_flag("--version", std::string{"xprober "} + version);
  app.require_subcommand(1);
  app.failure_message([](const CLI::App* failed, const CLI::Error& error) {
    return failed->get_name() + ": " + error.what() +
           "\nSee 'xprober --help' and 'xprober COMMAND --help'.\n";
  });
  parsed line;
  auto* agent =
      add_service(app, "agent", "Probe what a server says and push the results", line.source, true);
  auto* server =
      add_service(app, "server", "Say what to probe, take results, show them", line.source, true);
  auto* standalone =
      add_service(app, "standalone", "Server and agent in one process", line.source, false);
  auto* ping = add_ping(app, line.ping);
  add_http(app, line.http);
  auto* check = app.add_subcommand("check-config", "Say whether a configuration file is right");
  check->add_option("FILE", line.file_to_check, "Configuration file (YAML)")->required();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : bad_usage;
  }
  if (*agent) {
    return agent_command(line.source);
  }
  if (*server) {
    return server_command(line.source);
  }
  if (*standalone) {
    return standalone_command(line.source);
  }
  if (*check) {
    return check_config_command(line.file_to_check);
  }
  // Only the result is wanted on these: what the engines have to say comes as warnings, at once.
  log::set_level(log::level::warn);
  return *ping ? ping_command(std::move(line.ping)) : http_command(std::move(line.http));
}

} // namespace xprober::app
