#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace xprober::dns_query {

inline constexpr std::size_t header_size = 12; ///< of a message (RFC 1035, section 4.1.1)
inline constexpr std::size_t max_name = 255;   ///< bytes on the wire (RFC 1035, section 2.3.4)
inline constexpr std::size_t max_label = 63;

/// What is asked for (RFC 1035, section 4.1.2).
struct question {
  std::string name; ///< in presentation form with its final dot: "a.example.", "." for the root
  std::uint16_t type = 1;
  std::uint16_t klass = 1;

  bool operator==(const question&) const = default;
};

/// The bytes of a query; nothing if the name cannot be one: a label is 1 to 63 bytes, the whole 255
/// (RFC 1035, section 2.3.4). "\." and "\DDD" stand for bytes as in zone files.
std::optional<std::vector<std::uint8_t>> make_query(std::uint16_t id, const question& what,
                                                    bool recursion_desired);

} // namespace xprober::dns_query
