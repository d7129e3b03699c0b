#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/counter.hpp"
#include "xprober/domain/sent_chain.hpp"
#include "xprober/domain/target.hpp"
#include "xprober/domain/wire/wire.hpp"

namespace xprober {

/// What can be said of the chain that a target sends.
enum class chain_state : std::uint8_t {
  complete,       ///< it leads to an accepted authority, or to a root that was sent
  incomplete,     ///< an issuer is missing
  wrong_order,    ///< a certificate is not followed by its issuer (RFC 5246, section 7.4.2), which
                  ///< stands elsewhere
  unrelated,      ///< something in it is the issuer of nothing before it
  untrusted_root, ///< it leads to a root that is not accepted
  unverified,     ///< nobody has verified it, and it ends before a root
};
inline constexpr std::size_t chain_state_count = 6;

/// "complete", "wrong_order".
std::string_view to_string(chain_state state) noexcept;

/// Judges certificates in the order in which they were sent. `verdict`: see `told_sighting`. One
/// that has been refused for its time or its names leads to an accepted authority: that is verified
/// before. Of certificates that nobody has sent yet it is taken that they stand where they belong.
chain_state judge_chain(std::span<const sent_certificate> chain, std::string_view verdict);

/// The place of the one that ends first; the chain is not empty.
std::size_t first_to_end(std::span<const sent_certificate> chain) noexcept;

/// What one agent sees at a target.
struct chain_witness {
  agent_identity agent;
  std::string fingerprint; ///< of the target's own certificate
  std::string verdict;     ///< see `told_sighting`
};

/// A target that shows a certificate to some agent.
struct certified_target {
  target_uid uid;
  /// In the order of their regions and addresses; where not all are named, of each certificate one
  /// at least as far as there is room.
  std::vector<chain_witness> witnesses;
  bool differs = false;    ///< they do not all see the same certificate
  std::size_t seen_by = 0; ///< so many agents see it, also those that are not named
};

/// A certificate that targets show as their own.
struct certificate_row {
  std::vector<sent_certificate> chain; ///< as most send it, its own first
  chain_state state = chain_state::unverified;
  std::size_t first = 0;                 ///< the place of the one that ends first
  std::size_t chains = 1;                ///< in so many ways it is sent
  std::size_t targets = 0;               ///< that show it
  std::size_t refused = 0;               ///< sightings of agents that do not accept it
  std::vector<std::string> refusals{};   ///< why, each reason once
  std::size_t differing = 0;             ///< targets that show another one to others
  std::vector<std::string> sources{};    ///< regions that see it, sorted
  std::vector<certified_target> shown{}; ///< the first targets; those that differ come first

  std::int64_t end_unix() const { return chain[first].not_after_unix; }
};

/// Which certificates are wanted.
struct chain_query {
  std::string text{};                       ///< a part of a name, of the fingerprint or of a target
  std::string fingerprint{};                ///< not empty: this one
  std::optional<std::uint64_t> target{};    ///< what is shown by the target of this stable hash
  std::optional<std::int64_t> until_unix{}; ///< something in the chain ends by then
  bool differing = false;                   ///< only those with targets that differ
  std::size_t offset = 0;
  std::size_t limit = 100;
  std::size_t targets = 10;    ///< so many of each are named
  std::size_t witnesses = 100; ///< and so many who see each of these
};

/// The tables of a chain_book.
struct chain_counts {
  std::uint64_t certificates = 0;
  std::uint64_t chains = 0;
  std::uint64_t sightings = 0;
  std::uint64_t agents = 0;
  std::uint64_t left_out = 0; ///< sightings since the start for which there was no place
  std::uint64_t refused = 0;  ///< certificates since the start that cannot be read or nobody shows
  std::uint64_t paced = 0;    ///< requests since the start that came too fast

  static std::span<const counter<chain_counts>> counters() noexcept;
};

/// So many witnesses one answer names at most. Then no more targets are named.
inline constexpr std::size_t max_named_witnesses = 50'000;

/// What ends first comes first.
struct chain_page {
  std::vector<certificate_row> certificates;
  std::size_t matching = 0; ///< that the query fits, on all pages
  chain_counts counts;
};
using chain_page_ptr = std::shared_ptr<const chain_page>;

} // namespace xprober
