#pragma once

#include <memory>
#include <stdexcept>

#include "xprober/domain/config.hpp"

namespace boost::asio::ssl {
class context;
}

namespace xprober::net {

/// Something that the configuration asks for cannot be had. `what()` names the file or the address,
/// what is wrong with it, and what to do.
class setup_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// TLS as a server, 1.2 or newer, with `cert_file` (the chain, PEM) and `key_file`. With
/// `client_ca_file` every client must show a certificate of that authority. Null when `cert_file`
/// is not set. Throws setup_error.
std::shared_ptr<boost::asio::ssl::context> server_tls(const rpc_config& config);

/// TLS as a client, 1.2 or newer. Servers are verified against `ca_file`, or against the system's
/// store when it is not set. Shows `cert_file` with `key_file` where set. Throws setup_error.
std::shared_ptr<boost::asio::ssl::context> client_tls(const rpc_config& config);

} // namespace xprober::net
