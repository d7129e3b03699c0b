#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xprober {

/// What a join token says: who has it may have one agent's certificate, once.
struct join_token {
  std::string id;                    ///< `bytes_of_id` random bytes
  std::int64_t expires_unix = 0;     ///< it is of no use from this second on
  std::string authority;             ///< SHA-256 of the authority's certificate in DER form
  std::vector<std::string> regions;  ///< one of them is the agent's; empty: any
  std::vector<std::string> networks; ///< CIDR blocks of its address; empty: any

  static constexpr std::size_t bytes_of_id = 16;
  static constexpr std::size_t bytes_of_hash = 32;
  static constexpr std::size_t most_names = 32; ///< regions, and networks

  bool operator==(const join_token&) const = default;
};

/// A token with the authority's signature.
struct signed_join_token {
  join_token token;
  std::string signature;

  bool operator==(const signed_join_token&) const = default;
};

/// What an authority signs of a token. It is no certificate's beginning, so no signature of the one
/// is one of the other.
std::string signed_part(const join_token& token);

/// "xpj1_" and base64url of the token and its signature, for people to copy.
std::string to_text(const signed_join_token& token);

/// Reads what `to_text` wrote; the signature is not looked at. Nothing for something else, and
/// `error` says what is wrong.
std::optional<signed_join_token> read_join_token(std::string_view text, std::string& error);

} // namespace xprober
