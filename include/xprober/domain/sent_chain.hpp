#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace xprober {

/// What one certificate says of itself.
struct sent_certificate {
  std::string subject; ///< RFC 2253
  std::string issuer;
  std::vector<std::string> dns_names; ///< the first of them, and addresses likewise
  std::int64_t not_before_unix = 0;   ///< 0: it cannot be read, and likewise below
  std::int64_t not_after_unix = 0;
  std::string key;                ///< "RSA 2048"
  std::string fingerprint_sha256; ///< in hexadecimal digits

  bool operator==(const sent_certificate&) const = default;
};

/// Of a host's certificates the first ten are kept.
inline constexpr std::size_t max_sent_certificates = 10;
/// The bytes of one, and of all of a host, that are kept. One of RSA 4096 with a hundred names has
/// some 5 KiB.
inline constexpr std::size_t max_certificate_bytes = 16 * 1024;
inline constexpr std::size_t max_chain_bytes = 32 * 1024;

/// The certificates of a host in the order in which it sends them, its own first. Shared by all
/// targets that show the same ones.
struct sent_chain {
  std::vector<std::string> der;          ///< each in DER form
  std::vector<std::string> fingerprints; ///< SHA-256 of each, in hexadecimal digits

  bool operator==(const sent_chain&) const = default;
};
using sent_chain_ptr = std::shared_ptr<const sent_chain>;

} // namespace xprober
