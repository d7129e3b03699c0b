#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "xprober/domain/wire/wire.hpp"
#include "xprober/store/series_state.hpp"

namespace xprober {

/// Agents that are lost. Their series are shown as `stale`, whatever their last results said: who
/// says nothing more knows nothing of its targets.
class lost_agents {
public:
  struct one {
    agent_identity agent;
    std::uint32_t since_unix = 0; ///< when it was heard of last; 0: not known
  };

  lost_agents() = default;
  explicit lost_agents(std::vector<one> all);

  /// Null for one that is not lost.
  const one* find(std::string_view region, std::string_view address) const;
  bool empty() const noexcept { return all_.empty(); }

  /// Makes the status of an agent's series what is shown of it.
  void mark(series_status& status, std::string_view region, std::string_view address) const;

private:
  std::vector<one> all_; ///< by region, then address
};

} // namespace xprober
