#include "xprober/config/checks.hpp"
#include "xprober/config/read.hpp"
#include "xprober/domain/address.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/domain/targets/mesh_gate.hpp"

namespace xprober::config {

namespace {

std::string check_allowed_host(std::string_view text) {
  auto name = text;
  if (name.starts_with("*.")) {
    name.remove_prefix(2);
  }
  return text == "*" || is_host_name(name) || parse_ip(text)
             ? std::string{}
             : in_quotes(text) +
                   " is not a name without a port; allowed are names, \"*.NAME\" for all "
                   "below one, and \"*\" for every name";
}

std::string check_proxy_header(std::string_view text) {
  for (const auto* other : {"authorization", "cookie", "host", "origin", "sec-fetch-site"}) {
    if (ascii::same(text, other)) {
      return in_quotes(text) + " means something else; allowed is a header of the proxy's own, "
                               "such as X-Forwarded-User";
    }
  }
  return check_header_name(text);
}

std::string check_proxy_network(std::string_view text) {
  std::string error;
  const auto block = parse_network(text, error);
  return block && block->prefix == 0
             ? in_quotes(text) + " is everybody; allowed are the addresses of proxies"
             : check_network(text);
}

std::string check_proxy_operator(std::string_view text) {
  return text.empty() || ascii::trim(text) != text || !check_header_value(text).empty()
             ? in_quotes(text) +
                   " is not the name of a user; allowed are names as the proxy sends them, "
                   "and \"*\" for everyone"
             : std::string{};
}

/// Who asks through a proxy, as that says.
void read_web_proxy(section& web, web_config& out) {
  web.text("proxy_header", out.proxy_header, unless_empty(check_proxy_header));
  web.texts("proxy_networks", out.proxy_networks, check_proxy_network);
  web.texts("proxy_operators", out.proxy_operators, check_proxy_operator);
  if (out.proxy_header.empty() != out.proxy_networks.empty()) {
    web.report(out.proxy_header.empty() ? "proxy_networks" : "proxy_header",
               "stands alone; a proxy that says who asks needs proxy_header and proxy_networks, "
               "both or none");
  }
  if (!out.proxy_operators.empty() && out.proxy_header.empty()) {
    web.report("proxy_operators", "needs proxy_header, in which a proxy names them");
  }
}

} // namespace

void read_web(section web, web_config& out) {
  web.file("cert_file", out.cert_file);
  web.file("key_file", out.key_file);
  web.file("client_ca_file", out.client_ca_file);
  web.file("token_file", out.token_file);
  web.file("read_token_file", out.read_token_file);
  if (out.cert_file.empty() != out.key_file.empty()) {
    web.report(out.cert_file.empty() ? "key_file" : "cert_file",
               "stands alone; TLS needs cert_file and key_file, both or none");
  }
  if (!out.client_ca_file.empty() && out.cert_file.empty()) {
    web.report("client_ca_file", "needs TLS; set cert_file and key_file, too");
  }
  web.texts("allowed_hosts", out.allowed_hosts, check_allowed_host);
  read_web_proxy(web, out);
  web.finish();
}

} // namespace xprober::config
