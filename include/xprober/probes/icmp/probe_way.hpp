#pragma once

#include <cstdint>
#include <vector>

#include "xprober/domain/target.hpp"

namespace xprober::icmp {

/// What the last probe taught of how an echo to a target leaves this machine.
enum class probe_way : std::uint8_t {
  unknown, ///< nothing, or it did not answer: its next echo may wait for its neighbour
  open,    ///< it answered
  silent,  ///< its echo did not leave: its neighbour was silent
};

/// The ways of all targets: a byte for each. A new target may find what an earlier one with its
/// index has left; it costs one of its probes a better or worse place, and nothing else.
class probe_ways {
public:
  probe_way of(target_index target) const noexcept {
    return target < ways_.size() ? ways_[target] : probe_way::unknown;
  }
  void note(target_index target, probe_way way) {
    if (target >= ways_.size()) {
      if (way == probe_way::unknown) {
        return;
      }
      ways_.resize(target + 1, probe_way::unknown);
    }
    ways_[target] = way;
  }

private:
  std::vector<probe_way> ways_;
};

} // namespace xprober::icmp
