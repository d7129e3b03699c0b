#pragma once

#include <cstdint>
#include <optional>

#include "xprober/domain/clock.hpp"

namespace xprober {

/// Says when a process gives up load because its memory gets short: from 90 % of its limit on,
/// until it is below 80 %, or has been below 90 % for a minute. The second is for a process whose
/// ordinary work needs between the two: it would refuse for ever what it once could do.
class memory_gate {
public:
  /// `limit` in bytes; 0: there is none, and no load is ever given up.
  explicit memory_gate(std::uint64_t limit) noexcept : limit_(limit) {}

  /// What is resident now, in bytes. True while load is to be given up.
  bool observe(std::uint64_t resident, monotonic_time now) noexcept;

  bool is_shedding() const noexcept { return shedding_; }
  std::uint64_t limit() const noexcept { return limit_; }

private:
  std::uint64_t part(std::uint64_t percent) const noexcept { return limit_ / 100 * percent; }

  std::uint64_t limit_;
  bool shedding_ = false;
  std::optional<monotonic_time> eased_; ///< since when it is below the upper mark
};

} // namespace xprober
