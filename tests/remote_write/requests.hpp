#pragma once

// Requests of remote write, read by another reader than what wrote them. Include it after CAF's
// test headers.

#include <algorithm>
#include <bit>
#include <string>
#include <utility>
#include <vector>

#include "xprober/domain/wire/bytes.hpp"
#include "xprober/remote_write/encoder.hpp"

#include "caf/test/dsl.hpp"

namespace requests {

using namespace xprober;

struct read_sample {
  std::vector<std::pair<std::string, std::string>> labels;
  std::uint64_t bits = 0;
  std::int64_t unix_ms = 0;

  std::string name() const { return find("__name__"); }
  std::string find(const std::string& wanted) const {
    for (const auto& [name, value] : labels) {
      if (name == wanted) {
        return value;
      }
    }
    return {};
  }
  double value() const { return std::bit_cast<double>(bits); }
};

/// Reads a request field by field.
inline std::vector<read_sample> read(const std::string& request) {
  std::vector<read_sample> samples;
  byte_reader in{request};
  std::string_view series;
  std::uint8_t tag = 0;
  while (in.left() > 0) {
    CAF_REQUIRE(in.byte(tag) && tag == 0x0A && in.text(series, 1 << 20));
    byte_reader parts{series};
    read_sample s;
    std::string_view part;
    while (parts.left() > 0) {
      CAF_REQUIRE(parts.byte(tag) && parts.text(part, 1 << 20));
      byte_reader inside{part};
      std::uint8_t key = 0;
      if (tag == 0x0A) {
        std::string_view name;
        std::string_view value;
        CAF_REQUIRE(inside.byte(key) && key == 0x0A && inside.text(name, 1000));
        CAF_REQUIRE(inside.byte(key) && key == 0x12 && inside.text(value, 100'000));
        s.labels.emplace_back(name, value);
      } else {
        std::uint64_t stamp = 0;
        CAF_REQUIRE_EQUAL(tag, 0x12);
        CAF_REQUIRE(inside.byte(key) && key == 0x09 && inside.fixed(s.bits, 8));
        CAF_REQUIRE(inside.byte(key) && key == 0x10 && inside.varint(stamp));
        s.unix_ms = static_cast<std::int64_t>(stamp);
      }
      CAF_CHECK_EQUAL(inside.left(), 0U);
    }
    CAF_CHECK(std::is_sorted(s.labels.begin(), s.labels.end()));
    samples.push_back(std::move(s));
  }
  return samples;
}

inline std::vector<read_sample> taken(remote_write_encoder& from) {
  std::string request;
  from.take(request);
  return read(request);
}

} // namespace requests
