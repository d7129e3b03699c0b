#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/join_token.hpp"

namespace xprober {

/// An agent that has joined, as the server remembers it for ever.
struct joined_agent {
  std::string name;  ///< of its certificate; no other agent ever gets it
  std::string token; ///< SHA-256 of its token's id, in hexadecimal digits
  std::string key;   ///< SHA-256 of the public key that it joined with, likewise
  std::int64_t joined_unix = 0;
  std::int64_t revoked_unix = 0;     ///< 0: it is not
  std::vector<std::string> regions;  ///< that it speaks for; empty: any
  std::vector<std::string> networks; ///< of its address; empty: any

  bool operator==(const joined_agent&) const = default;
};

/// What was written of joining agents, line by line. Pure: who has the file gives the lines.
///
/// A line has fields with tabs between them: "join", the time, name, token, key, then "r=REGION"
/// and "n=NETWORK" as often as wanted; or "revoke", the time, name.
class join_book {
public:
  /// Takes a line without its end; what is wrong with it, empty where nothing is.
  std::string take(std::string_view line);

  /// Null where there is none.
  const joined_agent* find(std::string_view name) const;
  const joined_agent* find_token(std::string_view token) const;

  /// By name.
  const std::map<std::string, joined_agent, std::less<>>& agents() const noexcept {
    return agents_;
  }

private:
  std::string take_join(const std::vector<std::string_view>& fields, std::int64_t time);

  std::map<std::string, joined_agent, std::less<>> agents_;
  std::map<std::string, std::string, std::less<>> names_; ///< by token
};

/// Whether an agent that has joined can have this name: letters, digits, '.', '-' and '_' of ASCII,
/// at most 64, as a certificate's common name has at most (RFC 5280, upper bounds).
bool is_joined_name(std::string_view text) noexcept;

/// The lines of a book, without their ends.
std::string join_line(const joined_agent& agent);
std::string revoke_line(std::string_view name, std::int64_t unix_seconds);

/// What an agent wants that shows a token.
struct join_wish {
  std::string token;  ///< SHA-256 of its token's id, in hexadecimal digits
  std::string key;    ///< SHA-256 of its public key, likewise
  std::string region; ///< empty: what the token says
  std::string host;   ///< what its machine is called, as it says
};

/// What comes of it.
struct join_decision {
  std::string refusal; ///< a sentence; empty: it is `agent` from now on
  bool is_new = false; ///< to be written down first; else it was, and asks again with the same key
  joined_agent agent;
};

/// Whether who shows this token, whose signature was right, may join. A token is for one key: an
/// answer that was lost can be asked for again.
join_decision judge_join(const join_book& book, const join_token& token, const join_wish& wish,
                         std::int64_t now_unix);

/// Why an agent's certificate is not renewed; empty where it is.
std::string why_not_renewed(const join_book& book, std::string_view name);

/// When a certificate is valid, in seconds since 1970.
struct certificate_span {
  std::int64_t from_unix = 0;
  std::int64_t until_unix = 0;
};

/// When it is to be renewed: after two thirds of its life.
std::int64_t renewal_of(const certificate_span& span) noexcept;

/// What an agent says of a certificate that could not be renewed: `problem` is why, empty where
/// nothing was tried or it came out well. Empty before the last sixth of its life.
std::string certificate_fault(const certificate_span& span, std::int64_t now_unix,
                              std::string_view problem);

} // namespace xprober
