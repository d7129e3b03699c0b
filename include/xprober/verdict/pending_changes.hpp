#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "xprober/verdict/incident.hpp"

namespace xprober {

/// What has become of incidents and is not written yet, in its order. While the disk takes nothing
/// it grows by what has to be told alone: of two changes of an incident the first goes into the
/// second where nobody is to be told of it.
class pending_changes {
public:
  void add(incident_change change);

  bool empty() const noexcept { return changes_.empty(); }
  std::span<const incident_change> all() const noexcept { return changes_; }
  std::vector<incident_change> take() { return std::exchange(changes_, {}); }
  /// True for an incident that has opened and is nowhere else.
  bool has_opened(std::uint64_t id) const;

private:
  std::vector<incident_change> changes_;
};

} // namespace xprober
