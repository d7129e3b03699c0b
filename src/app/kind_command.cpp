#include "xprober/app/kind_command.hpp"

#include <CLI/CLI.hpp>

#include "xprober/config/checks.hpp"
#include "xprober/domain/kind_table.hpp"

namespace xprober::app {

namespace {

void add_family(CLI::App& command, ip_family& family) {
  command.add_flag_callback("-6", [&family] { family = ip_family::ip6; }, "Prefer IPv6");
}

void add_certificates(CLI::App& command, std::string& ca_file, bool& insecure) {
  command.add_option("--ca-file", ca_file, "Verify certificates against this file (PEM)")
      ->check(CLI::ExistingFile)
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

} // namespace

const kind_command* find_command(const probe_kind& kind) noexcept {
  static const kind_command all[] = {
      {&kinds::http(), "Probe URLs and show the time of each phase", add_http, url_printer},
  };
  for (const auto& command : all) {
    if (command.kind == &kind) {
      return &command;
    }
  }
  return nullptr;
}

} // namespace xprober::app
