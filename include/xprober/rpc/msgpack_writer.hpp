#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace xprober::rpc {

/// Writes MessagePack in the old form: texts as fixraw, raw 16 or raw 32.
class msgpack_writer {
public:
  explicit msgpack_writer(std::string& out) : out_(out) {}

  void nil() { byte(0xc0); }
  void boolean(bool value) { byte(value ? 0xc3 : 0xc2); }
  void integer(std::int64_t value);
  void float32(float value);
  /// Texts of 4 GiB and more are cut.
  void text(std::string_view value);
  void begin_array(std::size_t items) { container(items, 0x90, 0xdc); }
  void end_array() {}
  void begin_map(std::size_t fields) { container(fields, 0x80, 0xde); }
  void key(std::string_view name) { text(name); }
  void end_map() {}

private:
  void byte(unsigned value) { out_ += static_cast<char>(value); }
  void big_endian(std::uint64_t value, unsigned width);
  void container(std::size_t items, unsigned small, unsigned wide16);

  std::string& out_;
};

} // namespace xprober::rpc
