#pragma once

// The batch: what an agent measured, as it is spooled, sent and journalled. A row for each probe,
// targets named once, Zstandard around it. docs/wire.md describes every byte.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "xprober/domain/probe_result.hpp"
#include "xprober/domain/wire/wire.hpp"

namespace xprober {

/// The schema version that this program writes, and the highest it reads.
inline constexpr std::uint8_t batch_version = 1;

/// Bytes before the compressed body.
inline constexpr std::size_t batch_header_bytes = 41;

/// The longest body, uncompressed, that is read.
inline constexpr std::size_t max_batch_body = std::size_t{8} << 20;
/// The encoder's owner ends a batch when its body is so long. One row adds 5 KiB at most.
inline constexpr std::size_t full_batch_body = std::size_t{4} << 20;
/// The longest address that is written: longer ones are cut (a server refuses 2,049 bytes and
/// more).
inline constexpr std::size_t max_batch_text = 2049;

/// 16 random bytes that name an agent's spool: its sequence counts in their name.
using agent_instance = std::array<std::uint8_t, 16>;

/// In 32 hexadecimal digits.
std::string to_text(const agent_instance& instance);

/// What a batch says before its compressed part.
struct batch_header {
  std::uint8_t version = batch_version;
  agent_instance instance{};
  std::uint64_t sequence = 0;    ///< from 1, without gaps, within the instance
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

/// What a row says of its probe in the seed's form. The numbers are those of the wire.
enum class row_verdict : std::uint8_t {
  none = 0,       ///< nothing of its target: the prober's own fault
  not_sent = 1,   ///< icmp: success -1 and nothing else; http: its success and phases
  unanswered = 2, ///< icmp: success -1, drop rate 100, latency -1
  answered = 3,   ///< icmp: success 1, drop rate, latency
};

/// The two shapes of a row.
enum class row_form : std::uint8_t { icmp = 0, http = 1 };

/// Makes batches out of results. Rows keep the order in which results are added; targets are named
/// in the order in which they first appear.
class batch_encoder {
public:
  explicit batch_encoder(agent_identity agent) : agent_(std::move(agent)) {}

  void add(const probe_result& result);

  std::uint32_t rows() const noexcept { return rows_; }
  /// Length of the body so far, but for its first few bytes.
  std::size_t body_bytes() const noexcept { return names_.size() + body_.size(); }

  /// The whole batch; the encoder is empty after it.
  std::string finish(const agent_instance& instance, std::uint64_t sequence, std::int64_t unix_ms);

  /// The uncompressed body; the encoder is empty after it.
  std::string finish_body();

private:
  std::uint32_t target_number(const target_ref& target);
  std::uint32_t region_number(const std::string& region);
  std::uint32_t error_number(probe_error error);
  void write_icmp(const probe_outcome& outcome, std::string& row);
  void write_http(const probe_outcome& outcome, std::string& row);

  agent_identity agent_;
  std::string names_; ///< of the targets
  std::string body_;  ///< the rows
  std::string row_;
  std::unordered_map<const target_spec*, std::uint32_t> targets_;
  std::map<std::string, std::uint32_t, std::less<>> regions_;
  std::string region_names_;
  std::map<prober_name, std::uint32_t> types_;
  std::string type_names_;
  std::map<probe_error, std::uint32_t> errors_;
  std::string error_names_;
  std::string last_address_;
  std::vector<target_ref> held_;  ///< so that no address is used again while it is a key
  std::uint32_t next_target_ = 0; ///< the number that the next row is expected to have
  std::int64_t last_ms_ = 0;
  std::uint32_t rows_ = 0;
};

} // namespace xprober
