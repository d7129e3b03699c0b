#pragma once

#include <string>

#include "xprober/probes/stream/connection.hpp"

namespace xprober::stream {

/// Why a handshake failed.
struct handshake_fault {
  probe_error error = probe_error::tls_failed; ///< one of `tls_*`, or a fault of this machine
  std::string detail; ///< "certificate not accepted: ..." or "TLS handshake: ..."
};

/// What is to tell of a handshake on `over` that ended with `error` and left `report`. `cert_key`:
/// which key of the configuration names the client's certificate.
handshake_fault judge_handshake(const error_code& error, const connection& over,
                                const tls_report& report, std::string_view cert_key);

/// Whom to ask for by TLS: `host` is a name or a numeric address.
tls_peer peer_of(std::string host);

} // namespace xprober::stream
