#pragma once

#include <cstdint>
#include <memory>
#include <string>

struct ssl_st;
struct ssl_ctx_st;

namespace xprober::http {

/// What was learnt of the certificates of one handshake. Filled while the handshake runs, also
/// where the certificate is not accepted.
struct tls_report {
  std::int64_t earliest_expiry_unix = 0; ///< over all certificates the server sent; 0: none seen
  bool rejected = false;                 ///< verification failed and was not to be skipped
  std::string detail; ///< OpenSSL's reason, the certificate's names and its dates; if rejected
};

struct ssl_deleter {
  void operator()(ssl_st* ssl) const noexcept;
};
using ssl_ptr = std::unique_ptr<ssl_st, ssl_deleter>;

/// Whom a session talks to.
struct tls_peer {
  std::string host; ///< name or address that the certificate must hold; a name is sent as SNI
  bool is_address = false;
};

/// One client context for all probes of a configuration: TLS 1.2 or newer, full handshakes only.
class tls_context {
public:
  /// Verifies against `ca_file`, or if it is empty against the system's store, which
  /// $SSL_CERT_FILE and $SSL_CERT_DIR can replace; `skip_verify` accepts every certificate.
  /// Throws std::runtime_error if `ca_file` cannot be read.
  tls_context(const std::string& ca_file, bool skip_verify);
  ~tls_context();
  tls_context(const tls_context&) = delete;
  tls_context& operator=(const tls_context&) = delete;

  /// A session that is to be driven on a socket; null if memory ran out. `report` must live as
  /// long as the session.
  ssl_ptr new_session(const tls_peer& peer, tls_report& report) const;

private:
  ssl_ctx_st* context_ = nullptr;
};

/// The text of the oldest error in OpenSSL's queue of this thread, and empties the queue.
std::string take_tls_error();

} // namespace xprober::http
