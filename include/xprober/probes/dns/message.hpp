#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/probes/dns/query.hpp"

namespace xprober::dns_query {

/// A resource record, its data as text.
struct record {
  std::string name; ///< in presentation form with its final dot
  std::uint16_t type = 0;
  std::uint16_t klass = 0;
  std::uint32_t ttl = 0; ///< seconds
  /// As zone files have it: "192.0.2.1", "10 mail.example.", "\"text\" \"more\"". Of types that are
  /// not known here "\# LENGTH HEX" (RFC 3597, section 5).
  std::string data;
  std::uint32_t serial = 0; ///< of an SOA

  /// Name, TTL, class, type and data with tabs between them.
  std::string text() const;
};

/// An answer as it was read.
struct message {
  std::uint16_t id = 0;
  bool response = false;
  bool authoritative = false;
  bool truncated = false;
  bool recursion_available = false;
  std::uint8_t rcode = 0; ///< with the upper bits of an OPT record's, if there is one: 0 to 255
  std::optional<question> asked; ///< nothing where there is no question
  std::vector<record> answers;
  std::vector<record> authorities;
  std::vector<record> additionals; ///< without an OPT record
};

/// True where the header says that these are an answer to the query of this number (RFC 1035,
/// section 4.1.1: ID, QR and OPCODE). To be looked at first: whatever else is sent costs no more
/// than this.
bool answers_query(std::span<const std::uint8_t> bytes, std::uint16_t id) noexcept;

/// Reads a whole message; nothing if it is malformed. Never reads outside of `bytes`, never loops
/// over compressed names, and makes no more than `max_text` of them: more is malformed, too.
std::optional<message> read_message(std::span<const std::uint8_t> bytes);

/// A message is at most 64 KiB, but its names can point to the same long one over and over.
inline constexpr std::size_t max_text = std::size_t{1} << 20;

/// True if two names are the same, whatever the case of their letters.
bool same_name(std::string_view a, std::string_view b) noexcept;

inline constexpr std::uint16_t type_soa = 6;

} // namespace xprober::dns_query
