#include "xprober/store/lost_agents.hpp"

#include <algorithm>
#include <utility>

namespace xprober {

namespace {

using lost_name = std::pair<std::string_view, std::string_view>;

lost_name name_of_lost(const lost_agents::one& of) { return {of.agent.region, of.agent.local_ip}; }

} // namespace

lost_agents::lost_agents(std::vector<one> all) : all_(std::move(all)) {
  std::ranges::sort(all_, {}, name_of_lost);
}

const lost_agents::one* lost_agents::find(std::string_view region, std::string_view address) const {
  const lost_name wanted{region, address};
  const auto found = std::ranges::lower_bound(all_, wanted, {}, name_of_lost);
  return found != all_.end() && name_of_lost(*found) == wanted ? &*found : nullptr;
}

void lost_agents::mark(series_status& status, std::string_view region,
                       std::string_view address) const {
  if (all_.empty() || status.state == series_state::stale) {
    return;
  }
  if (const auto* lost = find(region, address)) {
    status.state = series_state::stale;
    status.streak = 0;
    status.since_unix = lost->since_unix;
  }
}

} // namespace xprober
