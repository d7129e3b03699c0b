#include "xprober/rpc/msgpack_head.hpp"

namespace xprober::rpc {

namespace {

std::uint64_t big_endian(std::string_view bytes) noexcept {
  std::uint64_t value = 0;
  for (char c : bytes) {
    value = value << 8 | static_cast<unsigned char>(c);
  }
  return value;
}

/// Two's complement of `width` bytes in 64 bits.
std::uint64_t sign_extend(std::uint64_t value, unsigned width) noexcept {
  const auto sign = std::uint64_t{1} << (8 * width - 1);
  return (value ^ sign) - sign;
}

/// What the first byte says when the value or its length stands behind it.
struct wide {
  msgpack_kind kind;
  std::uint8_t width;     ///< bytes of the number or the length
  std::uint8_t extra = 0; ///< bytes of an extension's type
};

/// For 0xc4 to 0xdf. Width 0 for those without a number behind the first byte.
constexpr wide wide_table[] = {
    {msgpack_kind::text, 1},         {msgpack_kind::text, 2},
    {msgpack_kind::text, 4},         {msgpack_kind::extension, 1, 1},
    {msgpack_kind::extension, 2, 1}, {msgpack_kind::extension, 4, 1},
    {msgpack_kind::float32, 4},      {msgpack_kind::float64, 8},
    {msgpack_kind::unsigned_int, 1}, {msgpack_kind::unsigned_int, 2},
    {msgpack_kind::unsigned_int, 4}, {msgpack_kind::unsigned_int, 8},
    {msgpack_kind::signed_int, 1},   {msgpack_kind::signed_int, 2},
    {msgpack_kind::signed_int, 4},   {msgpack_kind::signed_int, 8},
    {msgpack_kind::extension, 0, 1}, {msgpack_kind::extension, 0, 1},
    {msgpack_kind::extension, 0, 1}, {msgpack_kind::extension, 0, 1},
    {msgpack_kind::extension, 0, 1}, {msgpack_kind::text, 1},
    {msgpack_kind::text, 2},         {msgpack_kind::text, 4},
    {msgpack_kind::array, 2},        {msgpack_kind::array, 4},
    {msgpack_kind::map, 2},          {msgpack_kind::map, 4},
};

head_status read_wide(std::string_view bytes, unsigned first, msgpack_head& head) noexcept {
  const auto& entry = wide_table[first - 0xc4];
  head.kind = entry.kind;
  head.head_bytes = static_cast<std::uint8_t>(1 + entry.width);
  if (bytes.size() < head.head_bytes) {
    return head_status::need_more;
  }
  const auto number = big_endian(bytes.substr(1, entry.width));
  switch (entry.kind) {
  case msgpack_kind::text: head.payload_bytes = number; break;
  case msgpack_kind::array:
  case msgpack_kind::map: head.items = number; break;
  case msgpack_kind::signed_int: head.bits = sign_extend(number, entry.width); break;
  case msgpack_kind::extension:
    // fixext 1, 2, 4, 8, 16 are 0xd4 to 0xd8; the payload counts the type's byte too.
    head.payload_bytes =
        (entry.width == 0 ? std::uint64_t{1} << (first - 0xd4) : number) + entry.extra;
    break;
  default: head.bits = number; break;
  }
  return head_status::ok;
}

} // namespace

head_status read_head(std::string_view bytes, msgpack_head& head) noexcept {
  if (bytes.empty()) {
    return head_status::need_more;
  }
  head = {};
  head.head_bytes = 1;
  const auto first = static_cast<unsigned>(static_cast<unsigned char>(bytes.front()));
  if (first < 0x80) {
    head.kind = msgpack_kind::unsigned_int;
    head.bits = first;
  } else if (first < 0x90) {
    head.kind = msgpack_kind::map;
    head.items = first & 0x0f;
  } else if (first < 0xa0) {
    head.kind = msgpack_kind::array;
    head.items = first & 0x0f;
  } else if (first < 0xc0) {
    head.kind = msgpack_kind::text;
    head.payload_bytes = first & 0x1f;
  } else if (first >= 0xe0) {
    head.kind = msgpack_kind::signed_int;
    head.bits = sign_extend(first, 1);
  } else if (first == 0xc0) {
    head.kind = msgpack_kind::nil;
  } else if (first == 0xc2 || first == 0xc3) {
    head.kind = msgpack_kind::boolean;
    head.bits = first & 1;
  } else if (first == 0xc1) {
    return head_status::malformed;
  } else {
    return read_wide(bytes, first, head);
  }
  return head_status::ok;
}

} // namespace xprober::rpc
