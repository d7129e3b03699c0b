#pragma once

// The records of the server's journal beside batches: values in the old form, and series that
// have ended. Both are texts and numbers one after the other, in one Zstandard frame.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/wire/batch_parser.hpp"
#include "xprober/domain/wire/wire.hpp"

namespace xprober {

/// What a record of the journal holds. The numbers are those of the file.
enum class record_kind : std::uint8_t {
  batch = 0,  ///< a batch as its agent sent it
  values = 1, ///< values in the old form
  ended = 2,  ///< series that will get no further values
};

/// All series of one target as one agent measured it.
struct ended_series {
  std::string source_region;
  std::string agent;
  std::string target_region;
  std::string target;
  std::string probe_type;
  kind_ptr kind;            ///< whose columns they are
  std::int64_t unix_ms = 0; ///< not before their last value

  bool operator==(const ended_series& other) const;
};

/// The longest record, uncompressed, that is read.
inline constexpr std::size_t max_record_bytes = std::size_t{256} << 20;

std::string encode_values(const std::vector<wire_value>& values);
std::string encode_ended(const std::vector<ended_series>& series);

/// The inverse. Return what is wrong; empty when nothing is.
std::string decode_values(std::string_view bytes, std::vector<wire_value>& out);
std::string decode_ended(std::string_view bytes, std::vector<ended_series>& out);

} // namespace xprober
