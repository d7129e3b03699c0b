#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xprober {

// Server.Chains: which certificates the targets of an agent show. Field names on the wire stand in
// the comments; docs/wire.md has the rules.

/// The most of one request.
inline constexpr std::size_t max_told_sightings = 1000;
inline constexpr std::size_t max_told_certificates = 64;
inline constexpr std::size_t max_told_bytes = 256 * 1024; ///< of the certificates in DER form

/// What can be said of a certificate that was seen. Others are read as the first: not judged.
inline constexpr std::array<std::string_view, 7> told_verdicts{"",
                                                               "accepted",
                                                               "tls_expired",
                                                               "tls_not_yet_valid",
                                                               "tls_unknown_issuer",
                                                               "tls_wrong_name",
                                                               "tls_verify"};

/// Certificates in the order in which they were sent.
struct told_chain {
  std::vector<std::string> certificates; ///< certificates: SHA-256 in hexadecimal digits

  bool operator==(const told_chain&) const = default;
};

/// What a target shows.
struct told_sighting {
  std::string prober_type; ///< proberType
  std::string region;      ///< region: of the target
  std::string target;      ///< target
  std::int32_t chain = -1; ///< chain: its number among the request's chains; -1: none any more
  /// verdict: one of `told_verdicts`; why it was refused ("tls_unknown_issuer") among them.
  std::string verdict;

  bool operator==(const told_sighting&) const = default;
};

struct chains_request {
  std::string local_region;         ///< localRegion
  std::string local_ip;             ///< localIp
  std::string process;              ///< process: as in its questions for targets
  std::uint64_t sequence = 0;       ///< sequence: what the last answer said; 0: all is told anew
  std::vector<told_chain> chains{}; ///< chains
  std::vector<told_sighting> sightings{};  ///< sightings
  std::vector<std::string> certificates{}; ///< certificates: base64url of their DER form
  /// Not on the wire: who has told it, by what tells him from others. That is his credential where
  /// it is for some agents alone, else where he comes from.
  std::string holder{};

  bool operator==(const chains_request&) const = default;
};

struct chains_response {
  std::uint64_t sequence = 0;      ///< sequence: of the next request
  bool again = false;              ///< again: the server lacks what came before; all is to be told
  std::vector<std::string> wanted; ///< wanted: certificates of the request that it does not know

  bool operator==(const chains_response&) const = default;
};

/// Whether a sighting's target can be kept: by the same bounds as those of results. One that cannot
/// is left out, and is no reason to refuse what else a request tells.
bool has_good_names(const told_sighting& one) noexcept;

/// What is wrong with a request, for people: too much of something, a text that is too long, a
/// chain that it does not have. Empty where nothing is.
std::string chains_problem(const chains_request& said);

} // namespace xprober
