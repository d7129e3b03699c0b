#include "xprober/domain/size_text.hpp"

#include <string_view>
#include <utility>

namespace xprober {

namespace {

/// How many of which unit; none for single bytes.
std::pair<std::uint64_t, std::string_view> in_largest_unit(std::uint64_t bytes) {
  std::string_view unit;
  for (const auto* next : {"KiB", "MiB", "GiB"}) {
    if (bytes == 0 || bytes % 1024 != 0) {
      break;
    }
    bytes /= 1024;
    unit = next;
  }
  return {bytes, unit};
}

} // namespace

std::string size_text(std::uint64_t bytes) {
  const auto [number, unit] = in_largest_unit(bytes);
  return std::to_string(number).append(unit);
}

std::string size_in_words(std::uint64_t bytes) {
  const auto [number, unit] = in_largest_unit(bytes);
  return std::to_string(number).append(" ").append(unit.empty() ? "bytes" : unit);
}

} // namespace xprober
