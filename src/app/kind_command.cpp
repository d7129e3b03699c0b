#include "xprober/app/kind_command.hpp"

#include <iterator>
#include <map>
#include <string>

#include <CLI/CLI.hpp>

#include "xprober/base/pem_files.hpp"
#include "xprober/config/checks.hpp"
#include "xprober/domain/dns_names.hpp"
#include "xprober/domain/kind_table.hpp"

namespace xprober::app {

namespace {

void add_family(CLI::App& command, ip_family& family) {
  command.add_flag_callback("-6", [&family] { family = ip_family::ip6; }, "Prefer IPv6");
}

void add_certificates(CLI::App& command, std::string& ca_file, bool& insecure) {
  // The engine would name the key of a configuration.
  command.add_option("--ca-file", ca_file, "Verify certificates against this file (PEM)")
      ->check([](const std::string& file) {
        const auto problem = check_trust_file(file);
        return problem.empty() ? problem : file + ": " + problem;
      })
      ->type_name("FILE");
  command.add_flag("--insecure", insecure, "Do not verify certificates");
}

void add_http(CLI::App& command, kind_settings& settings) {
  auto& http = settings.http;
  add_certificates(command, http.ca_file, http.insecure_skip_verify);
  add_family(command, http.preferred_ip_protocol);
  command.add_option("--proxy", http.proxy_url, "Ask through this HTTP proxy, http:// or https://")
      ->check([](const std::string& url) { return config::check_proxy_url(url); })
      ->type_name("URL");
}

void add_tls_config(CLI::App& command, tls_client_config& tls) {
  add_certificates(command, tls.ca_file, tls.insecure_skip_verify);
  command
      .add_option("--server-name", tls.server_name,
                  "Ask for this name by TLS in place of the target's host")
      ->type_name("NAME");
}

void add_tcp(CLI::App& command, kind_settings& settings) {
  auto& tcp = settings.tcp;
  command.add_flag("--tls", tcp.tls, "Speak TLS on the connection");
  add_tls_config(command, tcp.tls_config);
  add_family(command, tcp.preferred_ip_protocol);
}

void add_tls(CLI::App& command, kind_settings& settings) {
  auto& tls = settings.tls;
  // Without none, which is what a command does that has no such option.
  static const std::map<std::string, starttls_protocol> protocols{std::begin(starttls_names) + 1,
                                                                  std::end(starttls_names)};
  command
      .add_option_function<std::string>(
          "--starttls", [&tls](const std::string& name) { tls.starttls = protocols.at(name); },
          "Change to TLS as this protocol does it")
      ->check(CLI::IsMember(&protocols))
      ->type_name("PROTOCOL");
  add_tls_config(command, tls.tls_config);
  add_family(command, tls.preferred_ip_protocol);
}

void add_dns(CLI::App& command, kind_settings& settings) {
  auto& dns = settings.dns;
  command.add_option("-t", dns.query_type, "Ask for records of this type")
      ->check([](const std::string& text) {
        return parse_dns_type(text) ? std::string{}
                                    : "'" + text + "' is not a record type such as A or MX";
      })
      ->type_name("TYPE")
      ->capture_default_str();
  command.add_flag_callback(
      "--tcp", [&dns] { dns.transport_protocol = dns_transport::tcp; }, "Ask over TCP");
  command.add_flag("--dot", dns.dns_over_tls, "Ask over TLS");
  add_tls_config(command, dns.tls_config);
  add_family(command, dns.preferred_ip_protocol);
}

} // namespace

const kind_command* find_command(const probe_kind& kind) noexcept {
  static const kind_command all[] = {
      {&kinds::http(), "Probe URLs and show the time of each phase", add_http, url_printer},
      {&kinds::tcp(), "Connect to ports and show the time of each phase", add_tcp},
      {&kinds::tls(), "Shake hands over TLS and show what the certificates say", add_tls},
      {&kinds::dns(), "Ask name servers and show what they answer", add_dns},
  };
  for (const auto& command : all) {
    if (command.kind == &kind) {
      return &command;
    }
  }
  return nullptr;
}

} // namespace xprober::app
