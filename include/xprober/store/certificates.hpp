#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/target.hpp"

namespace xprober {

class store_table;

/// A certificate that a target has shown, by its end.
struct seen_certificate {
  target_uid target;
  std::string kind; ///< the name of the kind that has seen it
  std::int64_t not_after_unix = 0;

  bool operator==(const seen_certificate&) const = default;
};

/// The certificates of targets whose last probe succeeded: those that end until `until_unix`, and
/// all of the targets named, which are sorted. Of a target with several, each once; in order. A
/// certificate that is not accepted is its target's failure, and is not among them.
std::vector<seen_certificate> find_certificates(const store_table& table, monotonic_time now,
                                                std::int64_t until_unix,
                                                const std::vector<std::string>& targets);

} // namespace xprober
