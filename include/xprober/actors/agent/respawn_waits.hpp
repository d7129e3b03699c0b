#pragma once

#include <chrono>
#include <cstdint>
#include <unordered_map>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/target.hpp"

namespace xprober {

/// How long a target that died of an error waits until it may come back: a second at first, twice
/// as long each time it dies again, a minute at most. After five minutes without an error it is as
/// if there had been none.
class respawn_waits {
public:
  /// The target has died: how long it waits now.
  std::chrono::seconds died(target_index index, monotonic_time now);

  /// The target has gone, and its index belongs to nobody.
  void forget(target_index index) { deaths_.erase(index); }

private:
  struct history {
    std::uint32_t count = 0;
    monotonic_time last{};
  };

  std::unordered_map<target_index, history> deaths_;
};

} // namespace xprober
