#pragma once

#include <cstdint>
#include <string>

namespace xprober::storage {

/// What is remembered of a series over a restart: who probes what, and how it was doing.
struct kept_series {
  std::string source_region;
  std::string agent; ///< the address by which it is known
  std::string target_region;
  std::string address; ///< of the target
  std::string prober;  ///< as the wire names how it is probed
  std::string kind;    ///< its description, see `encode_kind`
  std::uint8_t state = 0;
  std::uint32_t streak = 0; ///< results in a row in this state
  std::uint32_t since_unix = 0;
  std::uint32_t failed_unix = 0; ///< when it failed last; 0: never
  std::uint32_t last_unix = 0;   ///< of its last result
  std::string reason{};          ///< of its last failure, as phase and sentence; may be empty
  std::string phase{};
  std::string detail{};
  float usual_ms = 0;
  float deviation_ms = 0;

  bool operator==(const kept_series&) const = default;
};

} // namespace xprober::storage
