#pragma once

#include <chrono>
#include <cstdint>
#include <unordered_map>

#include "xprober/domain/clock.hpp"
#include "xprober/verdict/finding.hpp"

namespace xprober {

/// Whether an unsettled cause waits for the sources that are behind, by what it blames: it grows
/// and shrinks with what they deliver.
///
/// What had just begun to fail when it was met first waits for `patience` alone; what had failed
/// for long was measured before, and waits for all of them. Deterministic, without a clock.
class settle_wait {
public:
  /// Of the ten seconds what is left after a push, the store and two looks, with some to spare.
  static constexpr std::chrono::seconds patience{3};

  /// `results`: that open an incident. `period`: from one to the next.
  bool waits(const finding& found, std::uint32_t results, std::chrono::milliseconds period,
             wall_time now);
  /// What was not asked for in this look waits no more.
  void end_look(wall_time now);

private:
  struct waiting {
    wall_time since{};
    wall_time met{};    ///< in the last look that it waited in
    bool fresh = false; ///< it had just begun to fail
  };

  std::unordered_map<std::uint64_t, waiting> waiting_; ///< by key
};

} // namespace xprober
