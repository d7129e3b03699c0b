#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/wire/batch.hpp"
#include "xprober/domain/wire/batch_parser.hpp"
#include "xprober/domain/wire/row_clock.hpp"
#include "xprober/storage/journal.hpp"

namespace xprober {

/// Whether results of a target are taken from an agent, and why not.
enum class row_fate : std::uint8_t {
  taken,
  not_in_list,       ///< nobody has given it the target
  too_many_of_agent, ///< its agent has too many series
  too_many,          ///< there are too many series
};
inline constexpr std::size_t row_fate_count = 4;

/// The sentence.
std::string_view to_string(row_fate fate) noexcept;

/// What a batch is judged by beside its form. What is empty does not judge.
struct batch_rules {
  /// Why an agent is to come again later, asked before a large batch is unpacked; empty: it is not.
  std::function<std::string(const agent_identity& agent)> why_wait{};
  /// The same of one whose batch has so many rows, or as many targets; what it costs is spent.
  std::function<std::string(const agent_identity& agent, std::uint64_t rows)> why_later{};
  /// By which its times are read.
  std::function<row_clock(const agent_identity& agent)> clock{};
  /// Asked once for each target of a batch that the store would take.
  std::function<row_fate(const agent_identity& agent, const batch_target& target)> fate_of{};
  /// For whom its sender may speak; null: for everybody.
  const agent_grant* grant = nullptr;
};

/// What reading a batch found.
struct batch_findings {
  storage::verdict verdict;        ///< how many of its rows can be used
  std::vector<std::string> errors; ///< of rows that cannot, the first few, for people
  agent_identity agent;
  std::uint64_t values = 0;   ///< that stand in the rows that can be used, in the old form
  std::string later{};        ///< not empty: why it is to come again later; nothing else was found
  std::string foreign{};      ///< not empty: its sender may not speak for its agent; likewise
  std::uint64_t misdated = 0; ///< rows that count when they arrived: their time can be none
  std::array<std::uint64_t, row_fate_count> fates{}; ///< rows of the store's form, by their fate
  /// The body is another one than that of the batch, with so many rows: those that can be used, at
  /// the times that they were given.
  bool rewritten = false;
  std::uint32_t rows = 0;
  std::int64_t skew_ms = 0; ///< of its agent's clock: still to be taken out of the rows' times
  /// When the newest of the rows that can be used was measured, by this server's clock; 0: none
  /// can.
  std::int64_t newest_ms = 0;
};

/// Reads every row of a batch whose header was read, and leaves it unpacked in `body`. Rows of
/// targets that the store refuses cannot be used. One that cannot be unpacked has only such rows,
/// not more than a batch can have; so has one whose header promises more than its body has room
/// for, which is not unpacked. Rows that the rules refuse, and times that they put right, are so in
/// `body`.
batch_findings check_batch(std::string_view bytes, const batch_header& header, std::string& body,
                           const batch_rules& rules = {});

/// The same of a body with so many rows that was unpacked already.
batch_findings check_body(std::string& body, std::uint32_t rows, const batch_rules& rules);

} // namespace xprober
