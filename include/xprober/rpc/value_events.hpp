#pragma once

#include <cstdint>
#include <string_view>

namespace xprober::rpc {

/// What the readers of both forms, MessagePack and JSON, tell of a value, in its order. Each call
/// returns false to end the reading. Texts are valid during the call and can hold any bytes.
class value_events {
public:
  virtual ~value_events() = default;

  virtual bool on_nil() = 0;
  virtual bool on_bool(bool value) = 0;
  virtual bool on_integer(std::int64_t value) = 0;
  /// Only for numbers above the range of `on_integer`.
  virtual bool on_large(std::uint64_t value) = 0;
  virtual bool on_real(double value) = 0;
  virtual bool on_text(std::string_view value) = 0;
  /// A value of a kind that none of the messages has.
  virtual bool on_other() = 0;
  virtual bool on_map_begin() = 0;
  /// A key that is no text comes as an empty one.
  virtual bool on_key(std::string_view key) = 0;
  virtual bool on_map_end() = 0;
  virtual bool on_array_begin() = 0;
  virtual bool on_array_end() = 0;
};

} // namespace xprober::rpc
