#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace xprober {

/// A time in which something was known of what has this name.
struct known_span {
  std::string name;
  std::int64_t from_unix = 0;
  std::int64_t to_unix = 0; ///< when it was noted last; not before `from_unix`

  bool operator==(const known_span&) const = default;
};

/// A pause of this length is no gap: it is noted once a minute, and a restart takes a moment.
inline constexpr std::chrono::minutes known_gap{5};

} // namespace xprober
