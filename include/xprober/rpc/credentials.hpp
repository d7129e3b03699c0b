#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "xprober/domain/config.hpp"
#include "xprober/net/endpoint.hpp"

namespace boost::asio::ssl {
class context;
}

namespace xprober::rpc {

/// What a client shows to its servers and trusts them by, read from the files of a section `rpc`.
struct client_credentials {
  std::string token;                              ///< empty: none
  std::shared_ptr<boost::asio::ssl::context> tls; ///< null where no server needs it
  std::array<std::uint8_t, 32> hash{}; ///< SHA-256 of what was in the files; zeros: nothing

  /// True if the files had the same content, and both are for TLS or neither.
  bool same_files(const client_credentials& other) const noexcept {
    return hash == other.hash && (tls == nullptr) == (other.tls == nullptr);
  }
};

/// The servers of `rpc_server_addr`, at least one. Throws net::setup_error.
std::vector<net::endpoint> parse_servers(const std::vector<std::string>& servers);

/// Reads the files that these servers need, and so blocks on the disk. Throws net::setup_error,
/// which names the key and the file.
client_credentials read_credentials(const std::vector<net::endpoint>& servers,
                                    const rpc_config& files);

} // namespace xprober::rpc
