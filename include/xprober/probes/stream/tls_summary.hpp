#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "xprober/domain/sent_chain.hpp"

namespace xprober {

/// What was learnt of TLS with the host of a probe, also where its certificate was refused.
struct tls_summary {
  std::int64_t expiry_unix = 0;          ///< of the host's own certificate
  std::int64_t earliest_expiry_unix = 0; ///< over all certificates that the host sent
  /// When the chain up to an accepted authority, which it includes, first breaks; 0: not accepted,
  /// or not to be verified.
  std::int64_t chain_expiry_unix = 0;
  std::string fingerprint_sha256; ///< of the host's own certificate, in hexadecimal digits
  std::string subject;            ///< RFC 2253
  std::string issuer;
  std::vector<std::string> dns_names; ///< the first of them, and addresses likewise
  std::string version;                ///< e.g. "TLSv1.3"; empty: the handshake did not get there
  std::string cipher;
  /// All that were sent, the host's own first; of a probe that somebody has asked for alone.
  std::vector<sent_certificate> chain{};
  /// The same as bytes, of every probe; null where no certificate was sent.
  sent_chain_ptr sent{};

  bool operator==(const tls_summary&) const = default;
};

} // namespace xprober
