#include "xprober/rpc/msgpack_writer.hpp"

#include <bit>
#include <limits>

namespace xprober::rpc {

void msgpack_writer::big_endian(std::uint64_t value, unsigned width) {
  for (unsigned shift = 8 * width; shift > 0; shift -= 8) {
    byte(static_cast<unsigned>(value >> (shift - 8) & 0xff));
  }
}

void msgpack_writer::integer(std::int64_t value) {
  if (value >= -32 && value <= 127) {
    return byte(static_cast<unsigned>(value & 0xff));
  }
  const auto bits = std::bit_cast<std::uint64_t>(value);
  if (value >= 0) {
    const unsigned power = value <= 0xff ? 0 : value <= 0xffff ? 1 : value <= 0xffffffff ? 2 : 3;
    byte(0xcc + power);
    return big_endian(bits, 1U << power);
  }
  const unsigned power = value >= std::numeric_limits<std::int8_t>::min()    ? 0
                         : value >= std::numeric_limits<std::int16_t>::min() ? 1
                         : value >= std::numeric_limits<std::int32_t>::min() ? 2
                                                                             : 3;
  byte(0xd0 + power);
  big_endian(bits, 1U << power);
}

void msgpack_writer::float32(float value) {
  byte(0xca);
  big_endian(std::bit_cast<std::uint32_t>(value), 4);
}

void msgpack_writer::text(std::string_view value) {
  value = value.substr(0, std::numeric_limits<std::uint32_t>::max());
  if (value.size() < 32) {
    byte(0xa0 | static_cast<unsigned>(value.size()));
  } else {
    const bool short_enough = value.size() <= 0xffff;
    byte(short_enough ? 0xda : 0xdb);
    big_endian(value.size(), short_enough ? 2 : 4);
  }
  out_ += value;
}

void msgpack_writer::container(std::size_t items, unsigned small, unsigned wide16) {
  if (items < 16) {
    return byte(small | static_cast<unsigned>(items));
  }
  const bool short_enough = items <= 0xffff;
  byte(short_enough ? wide16 : wide16 + 1);
  big_endian(items, short_enough ? 2 : 4);
}

} // namespace xprober::rpc
