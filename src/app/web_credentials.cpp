#include "xprober/app/web_credentials.hpp"

#include <cstdint>
#include <string>

#include "xprober/base/pem_files.hpp"
#include "xprober/base/read_file.hpp"
#include "xprober/domain/targets/mesh_gate.hpp"
#include "xprober/net/tls.hpp"
#include "xprober/rpc/token.hpp"

namespace xprober::app {

namespace {

/// As much as OpenSSL is given of a file in PEM form.
constexpr std::uint64_t longest_web_pem = std::uint64_t{16} << 20U;

/// The certificates of agents that join are from this authority. An agent knows it as the one that
/// has signed its own, where that is renewed.
void check_operators(const web_config& files, const rpc_config& agents) {
  const std::string none;
  const auto& joined = agents.renew ? agents.cert_file : none;
  const auto& known = agents.join_ca_file.empty() ? joined : agents.join_ca_file;
  if (files.client_ca_file.empty() || known.empty() ||
      !trusts_authority_of(files.client_ca_file, known)) {
    return;
  }
  throw net::setup_error(
      "web.client_ca_file: " + files.client_ca_file + ": has the authority of agents that join (" +
      (agents.join_ca_file.empty() ? "it has signed rpc.cert_file" : "rpc.join_ca_file") +
      "), each of which would be an operator of these pages; allowed is another "
      "authority");
}

} // namespace

web_credentials read_web_credentials(const web_config& files, const rpc_config& agents) {
  check_operators(files, agents);
  web_credentials result;
  result.access.token = rpc::read_asked_token(files.token_file, "web.token_file");
  result.access.read_token = rpc::read_asked_token(files.read_token_file, "web.read_token_file");
  if (!result.access.token.empty() && result.access.token == result.access.read_token) {
    throw net::setup_error("web.read_token_file: " + files.read_token_file +
                           ": holds the token of web.token_file; allowed is another one");
  }
  result.access.certificates = !files.client_ca_file.empty();
  result.access.proxy_header = files.proxy_header;
  result.access.proxy_operators = files.proxy_operators;
  for (const auto& text : files.proxy_networks) {
    std::string ignored; // they were checked with the file
    if (const auto block = parse_network(text, ignored)) {
      result.access.proxy_networks.push_back(*block);
    }
  }
  std::string all;
  bool any = false;
  const auto add = [&](const std::string& content) {
    all += std::to_string(content.size()) + ':' + content;
    any = any || !content.empty();
  };
  add(result.access.token);
  add(result.access.read_token);
  // Before they are used: what is written in between is a change that the next look finds.
  for (const auto* path : {&files.cert_file, &files.key_file, &files.client_ca_file}) {
    add(path->empty() ? std::string{} : read_file(*path, longest_web_pem).text);
  }
  result.tls = net::server_tls(net::files_of(files));
  if (any) { // the first thing that is asked of OpenSSL is half a megabyte
    result.hash = net::hash_secret(all);
  }
  return result;
}

} // namespace xprober::app
