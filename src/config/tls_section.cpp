#include "xprober/config/tls_section.hpp"

#include "xprober/config/read.hpp"
#include "xprober/domain/address.hpp"

namespace xprober::config {

namespace {

std::string check_server_name(std::string_view text) {
  return is_host_name(text) || parse_ip(text)
             ? std::string{}
             : in_quotes(text) + " is not a name; allowed are host names and addresses";
}

std::string_view version_name(tls_version version) {
  for (const auto& [name, value] : tls_versions) {
    if (value == version) {
      return name;
    }
  }
  return {};
}

} // namespace

void read_tls_config(section& of, tls_client_config& out) {
  auto tls = of.below("tls_config");
  tls.file("ca_file", out.ca_file);
  tls.file("cert_file", out.cert_file);
  tls.file("key_file", out.key_file);
  tls.text("server_name", out.server_name, unless_empty(check_server_name));
  tls.boolean("insecure_skip_verify", out.insecure_skip_verify);
  tls.choice("min_version", out.min_version, tls_versions);
  tls.choice("max_version", out.max_version, tls_versions);
  if (out.min_version > out.max_version) {
    tls.report(tls.has("max_version") ? "max_version" : "min_version",
               "leaves no version: min_version is above max_version");
  }
  if (out.cert_file.empty() != out.key_file.empty()) {
    tls.report(out.cert_file.empty() ? "key_file" : "cert_file",
               "stands alone; a certificate needs cert_file and key_file, both or none");
  }
  tls.finish();
}

void append_tls_config(yaml_lines& lines, const tls_client_config& tls) {
  lines.raw("tls_config",
            "{ca_file: " + quoted_text(tls.ca_file) + ", cert_file: " + quoted_text(tls.cert_file) +
                ", key_file: " + quoted_text(tls.key_file) +
                ", server_name: " + quoted_text(tls.server_name) +
                ", insecure_skip_verify: " + (tls.insecure_skip_verify ? "true" : "false") +
                ", min_version: " + std::string{version_name(tls.min_version)} +
                ", max_version: " + std::string{version_name(tls.max_version)} + "}");
}

} // namespace xprober::config
