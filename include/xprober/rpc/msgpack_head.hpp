#pragma once

#include <cstdint>
#include <string_view>

namespace xprober::rpc {

enum class msgpack_kind : std::uint8_t {
  nil,
  boolean,
  unsigned_int,
  signed_int,
  float32,
  float64,
  text, ///< str of any width, the raw of the old form, bin
  array,
  map,
  extension,
};

/// The beginning of one MessagePack value (https://github.com/msgpack/msgpack, spec.md): all of a
/// number, else what tells how much follows.
struct msgpack_head {
  msgpack_kind kind = msgpack_kind::nil;
  std::uint8_t head_bytes = 0;     ///< of the head itself
  std::uint64_t payload_bytes = 0; ///< behind the head: of a text or an extension
  std::uint64_t items = 0;         ///< of an array, pairs of a map
  /// Of a number or boolean: its bits; a signed number as two's complement in 64 bits.
  std::uint64_t bits = 0;
};

enum class head_status : std::uint8_t { ok, need_more, malformed };

/// Reads the head at the beginning of `bytes`.
head_status read_head(std::string_view bytes, msgpack_head& head) noexcept;

} // namespace xprober::rpc
