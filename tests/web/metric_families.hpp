#pragma once

// Families of metrics as protobuf messages, read by another reader than what wrote them. Include it
// after CAF's test headers.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <protozero/pbf_reader.hpp>
#include <protozero/varint.hpp>

#include "caf/test/unit_test.hpp"

namespace metric_families {

struct metric {
  std::vector<std::pair<std::string, std::string>> labels;
  std::optional<double> gauge;
  std::optional<double> counter;
  std::string histogram; ///< a message; empty: none
};

struct family {
  std::string help;
  int type = -1;
  std::vector<metric> metrics;
};

/// The only number of a Gauge or a Counter.
inline double number_of(protozero::pbf_reader in) {
  CAF_REQUIRE(in.next(1));
  return in.get_double();
}

inline metric read_metric(protozero::pbf_reader in) {
  metric out;
  while (in.next()) {
    switch (in.tag()) {
    case 1: {
      auto pair = in.get_message();
      auto& label = out.labels.emplace_back();
      CAF_REQUIRE(pair.next(1));
      label.first = pair.get_string();
      CAF_REQUIRE(pair.next(2));
      label.second = pair.get_string();
      break;
    }
    case 2: out.gauge = number_of(in.get_message()); break;
    case 3: out.counter = number_of(in.get_message()); break;
    case 7: out.histogram = in.get_string(); break;
    default: CAF_FAIL("there is no other field of a metric");
    }
  }
  return out;
}

/// All families, each behind its length, by name.
inline std::map<std::string, family> read(const std::string& text) {
  std::map<std::string, family> all;
  const auto* at = text.data();
  const auto* end = at + text.size();
  while (at != end) {
    const auto length = static_cast<std::size_t>(protozero::decode_varint(&at, end));
    CAF_REQUIRE(length <= static_cast<std::size_t>(end - at));
    protozero::pbf_reader in{at, length};
    at += length;
    std::string name;
    family one;
    while (in.next()) {
      switch (in.tag()) {
      case 1: name = in.get_string(); break;
      case 2: one.help = in.get_string(); break;
      case 3: one.type = in.get_enum(); break;
      case 4: one.metrics.push_back(read_metric(in.get_message())); break;
      default: CAF_FAIL("there is no other field of a family");
      }
    }
    CAF_CHECK(!one.metrics.empty());
    CAF_CHECK(all.emplace(name, std::move(one)).second);
  }
  return all;
}

} // namespace metric_families
