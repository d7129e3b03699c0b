#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "xprober/net/http_types.hpp"

namespace xprober::rpc {

/// Writes JSON with the calls of `msgpack_writer`.
class json_writer {
public:
  explicit json_writer(std::string& out) : out_(out) {}

  void boolean(bool value) { value_text(value ? "true" : "false"); }
  void integer(std::int64_t value) { number(value); }
  /// The shortest text that reads as the same float. What is not a number is written as null.
  void float32(float value) {
    if (std::isfinite(value)) {
      number(value);
    } else {
      value_text("null");
    }
  }
  void text(std::string_view value) { value_text(net::json_quote(value)); }
  void begin_array(std::size_t) { open('['); }
  void end_array() { close(']'); }
  void begin_map(std::size_t) { open('{'); }
  void key(std::string_view name) {
    separate();
    out_ += net::json_quote(name);
    out_ += ':';
    after_key_ = true;
  }
  void end_map() { close('}'); }

private:
  template <class Number>
  void number(Number value) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    value_text({digits.data(), static_cast<std::size_t>(end - digits.data())});
  }

  /// A comma, where one belongs before the next item.
  void separate() {
    if (!after_key_ && needs_comma_) {
      out_ += ',';
    }
    after_key_ = false;
  }
  void value_text(std::string_view text) {
    separate();
    out_ += text;
    needs_comma_ = true;
  }
  void open(char bracket) {
    separate();
    out_ += bracket;
    needs_comma_ = false;
  }
  void close(char bracket) {
    out_ += bracket;
    needs_comma_ = true;
  }

  std::string& out_;
  bool needs_comma_ = false;
  bool after_key_ = false;
};

} // namespace xprober::rpc
