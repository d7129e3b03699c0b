#pragma once

// The messages of domain/wire.hpp in their two forms. Field names are those of Go agents' structs;
// unknown fields are skipped, missing ones and `nil` leave the default.

#include <cstdint>
#include <string>
#include <string_view>

#include "xprober/domain/wire/chains.hpp"
#include "xprober/domain/wire/questions.hpp"
#include "xprober/domain/wire/wire.hpp"

namespace xprober::rpc {

/// Of a request's body that is a batch itself.
inline constexpr std::string_view batch_media_type = "application/x-xprober-batch";

enum class wire_format : std::uint8_t { msgpack, json };

/// "application/msgpack" or "application/json".
std::string_view media_type(wire_format format) noexcept;

/// Bounds of what one message may make of its bytes.
struct decode_limits {
  std::size_t max_depth = 32;
  /// Structs in all lists of a message: a byte of input can become a struct of 200.
  std::size_t max_structs = 1'000'000;
  /// Texts in all lists of a message.
  std::size_t max_texts = 4'000'000;
};

/// What is wrong with a message; empty when nothing is.
using decode_error = std::string;

/// Each reads one whole message into `out`, which should be new. On an error `out` holds a part.
/// The error names the field, e.g. "prober_results.value: a text stands where a number belongs".
decode_error decode(std::string_view bytes, wire_format format, get_targets_request& out,
                    const decode_limits& limits = {});
decode_error decode(std::string_view bytes, wire_format format, get_targets_response& out,
                    const decode_limits& limits = {});
decode_error decode(std::string_view bytes, wire_format format, push_request& out,
                    const decode_limits& limits = {});
decode_error decode(std::string_view bytes, wire_format format, push_response& out,
                    const decode_limits& limits = {});
decode_error decode(std::string_view bytes, wire_format format, push_batch_response& out,
                    const decode_limits& limits = {});
decode_error decode(std::string_view bytes, wire_format format, leave_request& out,
                    const decode_limits& limits = {});
decode_error decode(std::string_view bytes, wire_format format, leave_response& out,
                    const decode_limits& limits = {});
decode_error decode(std::string_view bytes, wire_format format, questions_request& out,
                    const decode_limits& limits = {});
decode_error decode(std::string_view bytes, wire_format format, questions_response& out,
                    const decode_limits& limits = {});
decode_error decode(std::string_view bytes, wire_format format, chains_request& out,
                    const decode_limits& limits = {});
decode_error decode(std::string_view bytes, wire_format format, chains_response& out,
                    const decode_limits& limits = {});
/// The batch in MessagePack: one text or bin. JSON has no form for it.
decode_error decode(std::string_view bytes, wire_format format, push_batch_request& out,
                    const decode_limits& limits = {});

/// Each appends one message. MessagePack is written in the old form (fixraw, raw 16, raw 32, no
/// bin), which every reader knows; numbers as small as they fit, `value` as float 32.
/// `revision`, `unchanged`, `differences`, `batch_version`, `questions`, the parts of a difference
/// and what an agent says of itself are written only where they say something.
void encode(const get_targets_request& message, wire_format format, std::string& out);
void encode(const get_targets_response& message, wire_format format, std::string& out);
void encode(const push_request& message, wire_format format, std::string& out);
void encode(const push_response& message, wire_format format, std::string& out);
void encode(const push_batch_response& message, wire_format format, std::string& out);
void encode(const leave_request& message, wire_format format, std::string& out);
void encode(const leave_response& message, wire_format format, std::string& out);
void encode(const questions_request& message, wire_format format, std::string& out);
void encode(const questions_response& message, wire_format format, std::string& out);
void encode(const chains_request& message, wire_format format, std::string& out);
void encode(const chains_response& message, wire_format format, std::string& out);
/// As one raw text in MessagePack, whatever the format.
void encode(const push_batch_request& message, wire_format format, std::string& out);

} // namespace xprober::rpc
