#pragma once

// The batch: what an agent measured, as it is spooled, sent and journalled. It describes the kinds
// of its probes, names targets and sentences once, and has a row for each probe, Zstandard around
// it. docs/wire.md describes every byte.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "xprober/domain/probe_result.hpp"
#include "xprober/domain/wire/wire.hpp"

namespace xprober {

/// The schema version that this program writes, and the only one it reads.
inline constexpr std::uint8_t batch_version = 2;

/// Bytes before the compressed body.
inline constexpr std::size_t batch_header_bytes = 41;

/// The longest batch that is taken, as it comes: a full one whose body cannot be compressed has
/// half of it.
inline constexpr std::size_t max_batch_bytes = std::size_t{8} << 20;
/// Sequences above cannot be: an agent that makes a thousand batches a second gets here after
/// 285,000 years. The largest one that JSON's numbers hold, too.
inline constexpr std::uint64_t max_batch_sequence = (std::uint64_t{1} << 53U) - 1;

/// The longest body, uncompressed, that is read.
inline constexpr std::size_t max_batch_body = std::size_t{8} << 20;
/// A batch is full when its body is so long. One row adds 5 KiB at most, and the description of its
/// kind where that is new.
inline constexpr std::size_t full_batch_body = std::size_t{4} << 20;
/// A row takes at least so many bytes: its length, its target and its time.
inline constexpr std::size_t least_row_bytes = 3;
/// No body has more rows.
inline constexpr std::uint32_t max_batch_rows = max_batch_body / least_row_bytes;

/// The most of each that one batch names: an empty text takes a byte of a body and 16 of a reader.
inline constexpr std::size_t max_batch_kinds = 256;
inline constexpr std::size_t max_batch_types = 4096;
inline constexpr std::size_t max_batch_errors = 4096;
inline constexpr std::size_t max_batch_regions = 65'536;
inline constexpr std::size_t max_batch_sentences = 262'144;

/// The longest address that is written: longer ones are cut (a server refuses 2,049 bytes and
/// more).
inline constexpr std::size_t max_batch_text = 2049;

/// 16 random bytes that name an agent's spool: its sequence counts in their name.
using agent_instance = std::array<std::uint8_t, 16>;

/// A new one.
agent_instance random_instance();

/// In 32 hexadecimal digits.
std::string to_text(const agent_instance& instance);

/// What a batch says before its compressed part.
struct batch_header {
  std::uint8_t version = batch_version;
  agent_instance instance{};
  std::uint64_t sequence = 0;    ///< 1 to `max_batch_sequence`, without gaps, within the instance
  std::int64_t sent_unix_ms = 0; ///< the agent's clock when it sent the batch
  std::uint32_t rows = 0;

  bool operator==(const batch_header&) const = default;
};

/// Reads the header. Returns what is wrong with it; empty when nothing is.
std::string read_batch_header(std::string_view batch, batch_header& out);

/// Writes the clock at sending into a whole batch.
void stamp_batch(std::string& batch, std::int64_t unix_ms);

/// Writes the name and number into a whole batch.
void number_batch(std::string& batch, const agent_instance& instance, std::uint64_t sequence);

/// Decompresses the body of a batch whose header was read. Returns what is wrong; empty when
/// nothing is. Allocates `max_batch_body` bytes at most.
std::string read_batch_body(std::string_view batch, std::string& out);

/// How long the body of a batch says that it is, in bytes; nothing where it cannot be read.
std::optional<std::uint64_t> batch_body_size(std::string_view batch) noexcept;

/// Whose batch it is, by the beginning of its body: the rest is not unpacked. Nothing where that
/// cannot be read.
std::optional<agent_identity> read_batch_agent(std::string_view batch);

/// A whole batch with this header and a body that is not compressed yet.
std::string pack_batch(const batch_header& header, std::string_view body);

/// The longest sentence of a failure; see `clean_sentence`.
inline constexpr std::size_t max_batch_detail = 400;
/// The most bytes of sentences that are written into one batch: rows beyond them have none.
inline constexpr std::size_t max_batch_details = std::size_t{1} << 20;

/// Makes batches out of results. Rows keep the order in which results are added; targets are named
/// in the order in which they first appear.
class batch_encoder {
public:
  explicit batch_encoder(agent_identity agent) : agent_(std::move(agent)) {}

  /// `correction` is added to its time.
  void add(const probe_result& result, milliseconds correction = {});

  std::uint32_t rows() const noexcept { return rows_; }
  /// Length of the body so far, but for its first few bytes.
  std::size_t body_bytes() const noexcept {
    return names_.size() + kinds_.text.size() + types_.text.size() + errors_.text.size() +
           regions_.text.size() + details_.text.size() + body_.size();
  }
  /// True when the batch is to be finished: a row more could be above what readers take.
  bool full() const noexcept {
    return body_bytes() >= full_batch_body || kinds_.numbers.size() >= max_batch_kinds ||
           types_.numbers.size() >= max_batch_types || errors_.numbers.size() >= max_batch_errors ||
           regions_.numbers.size() >= max_batch_regions;
  }

  /// The whole batch; the encoder is empty after it.
  std::string finish(const agent_instance& instance, std::uint64_t sequence, std::int64_t unix_ms);

  /// The uncompressed body; the encoder is empty after it.
  std::string finish_body();

private:
  /// Texts that are named once: the number of each, and all of them as they are written.
  struct dictionary {
    std::map<std::string, std::uint32_t, std::less<>> numbers;
    std::string text;

    std::uint32_t number(std::string_view name, std::string_view written);
  };

  std::uint32_t target_number(const target_ref& target);
  std::uint32_t error_number(probe_error error);
  std::uint32_t type_number(const prober_name& type);
  /// 1 and up; 0: none.
  std::uint32_t detail_number(std::string_view detail);

  agent_identity agent_;
  std::string names_; ///< of the targets
  std::string body_;  ///< the rows
  std::string row_;
  std::unordered_map<const target_spec*, std::uint32_t> targets_;
  dictionary regions_;
  dictionary kinds_;
  dictionary types_;
  dictionary errors_;
  std::vector<std::uint32_t> error_numbers_; ///< by error, 1 and up; 0: not named yet
  dictionary details_;
  std::string last_address_;
  std::vector<target_ref> held_;  ///< so that no address is used again while it is a key
  std::uint32_t next_target_ = 0; ///< the number that the next row is expected to have
  std::int64_t last_ms_ = 0;
  std::uint32_t rows_ = 0;
};

} // namespace xprober
