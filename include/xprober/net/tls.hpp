#pragma once

#include <memory>
#include <stdexcept>
#include <string>

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

/// The files of one side of TLS, all in PEM form.
struct tls_files {
  std::string ca_file;     ///< whom a client trusts; empty: the system's store
  std::string cert_file{}; ///< the chain that is shown, with `key_file`
  std::string key_file{};
  std::string client_ca_file{};      ///< a server's: clients must show a certificate of it
  std::string join_ca_file{};        ///< a server's: or one of this, by which agents join
  bool insecure_skip_verify = false; ///< a client's: any server will do
  /// In front of a key's name in messages, e.g. "rpc."; "--": they are options of a command, and
  /// are named as those are written, e.g. "--ca-file".
  std::string section{};
  /// A server's: a client without a certificate gets in, too, and is judged by something else.
  bool client_certificate_optional = false;
};

/// The files of a section `rpc`.
tls_files files_of(const rpc_config& config);

/// The files of a section `web`, whose clients may show a token in place of a certificate.
tls_files files_of(const web_config& config);

/// TLS as a server, 1.2 or newer, with `cert_file` and `key_file`. Null when `cert_file` is not
/// set. Throws setup_error, which names the key and the file.
std::shared_ptr<boost::asio::ssl::context> server_tls(const tls_files& files);

/// TLS as a client, 1.2 or newer. Throws setup_error, which names the key and the file.
std::shared_ptr<boost::asio::ssl::context> client_tls(const tls_files& files);

} // namespace xprober::net
