#include "xprober/domain/exposure.hpp"

#include "xprober/domain/probe_endpoint.hpp"

namespace xprober {

port_protection protection_of(const web_config& web) {
  return {!web.cert_file.empty(), !web.token_file.empty() || !web.read_token_file.empty() ||
                                      !web.client_ca_file.empty() || !web.proxy_header.empty()};
}

port_protection protection_of(const rpc_config& rpc) {
  return {!rpc.cert_file.empty(),
          !rpc.token_file.empty() || !rpc.client_ca_file.empty() || !rpc.join_ca_file.empty()};
}

std::string exposure_problem(std::string_view address, std::string_view section,
                             const port_protection& has) {
  if ((has.tls && has.credential) || is_loopback_listener(address)) {
    return {};
  }
  const std::string in{section};
  std::string lacks;
  std::string cure;
  if (!has.tls) {
    lacks = "no TLS";
    cure = in + ".cert_file and " + in + ".key_file";
  }
  if (!has.credential) {
    lacks += lacks.empty() ? "no credential" : " and no credential";
    cure += (cure.empty() ? "" : " with ") + in + ".token_file or " + in + ".client_ca_file";
  }
  return "is reached by other machines and has " + lacks + "; allowed are " + cure +
         ", an address of loopback such as 127.0.0.1, and everything with insecure: true";
}

} // namespace xprober
