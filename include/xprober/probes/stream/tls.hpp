#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "xprober/domain/config.hpp"
#include "xprober/domain/probe_result.hpp"
#include "xprober/probes/stream/tls_summary.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace xprober::stream {

class chain_shelf;

/// What was learnt of the certificates of one handshake. Filled while the handshake runs, also
/// where the certificate is not accepted.
struct tls_report {
  bool seen = false;                       ///< the server showed a certificate
  bool client_certificate_missing = false; ///< it asked for one, and none is configured
  bool wants_chain = false;                ///< set before: all certificates are to be told
  std::shared_ptr<chain_shelf> chains;     ///< set by the context: where they are kept
  tls_summary summary;
  probe_error rejected = probe_error::none; ///< verification failed and was not to be skipped
  std::string detail; ///< OpenSSL's reason, the certificate's names and its dates; if rejected
};

struct ssl_deleter {
  void operator()(ssl_st* ssl) const noexcept;
};
using ssl_ptr = std::unique_ptr<ssl_st, ssl_deleter>;

struct ssl_ctx_deleter {
  void operator()(ssl_ctx_st* context) const noexcept;
};
using ssl_ctx_ptr = std::unique_ptr<ssl_ctx_st, ssl_ctx_deleter>;

/// Whom a session talks to.
struct tls_peer {
  std::string host; ///< name or address that the certificate must hold; a name is sent as SNI
  bool is_address = false;
};

/// What a context is made of.
struct tls_options {
  std::string section; ///< whose keys these are, for messages, e.g. "http"
  std::string ca_file;
  std::string cert_file; ///< of the client, with `key_file`
  std::string key_file;
  bool insecure_skip_verify = false;
  tls_version min_version = tls_version::tls12;
  tls_version max_version = tls_version::tls13;
  std::string alpn; ///< one protocol, e.g. "http/1.1"; empty: none is named
};

/// Those of a section that has `tls_config`, whose whole name is `section`: "tcp.tls_config".
tls_options tls_options_of(const tls_client_config& config, std::string section);

/// One client context for all probes of a configuration: full handshakes only. Its sessions are of
/// one thread.
///
/// To read the system's store takes a tenth of a second and 4 MB, which a prober of other things
/// need not pay. So a context is made by whoever needs it first, unless it has files that may be
/// wrong.
class tls_context {
public:
  /// Verifies against `ca_file`, or if it is empty against the system's store, which
  /// $SSL_CERT_FILE and $SSL_CERT_DIR can replace; `insecure_skip_verify` accepts every
  /// certificate. Throws std::runtime_error that names the key if a file cannot be used.
  explicit tls_context(tls_options options);
  ~tls_context();
  tls_context(const tls_context&) = delete;
  tls_context& operator=(const tls_context&) = delete;

  /// True once it is made: sessions are made at once then.
  bool is_made() const noexcept { return made_.load(std::memory_order_acquire); }
  /// Makes it. May be called on another thread than the sessions', by one at a time, as long as
  /// no session is asked for meanwhile.
  void make() const noexcept;

  /// A session that is to be driven on a socket; null if memory ran out. `report` must live as
  /// long as the session. Makes the context if nobody has.
  ssl_ptr new_session(const tls_peer& peer, tls_report& report) const;

  /// Whose keys made it, as the options have it.
  const std::string& section() const noexcept { return options_.section; }

private:
  tls_options options_;
  std::shared_ptr<chain_shelf> chains_; ///< what its sessions have been shown
  mutable ssl_ctx_ptr context_;         ///< null: not made, or memory ran out
  mutable std::atomic<bool> made_{false};
};

/// Notes what both sides agreed on, after the handshake.
void read_session(const ssl_st* ssl, tls_summary& out);

/// The oldest error in OpenSSL's queue of this thread.
struct tls_error {
  std::string text;
  bool is_protocol = false; ///< the sides have no version or no cipher in common
};

/// Takes it, and empties the queue.
tls_error take_tls_error();

} // namespace xprober::stream
