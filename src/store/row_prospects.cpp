#include "xprober/store/row_prospects.hpp"

#include "xprober/domain/agent_hash.hpp"

namespace xprober {

void row_prospects::leave(std::string_view region, std::string_view address) {
  if (left_.size() >= most_left) {
    left_.clear();
  }
  left_.insert(agent_hash(region, address));
}

void row_prospects::welcome(std::string_view region, std::string_view address) {
  left_.erase(agent_hash(region, address));
}

bool row_prospects::has(const store_names& names, const series_row& row) const {
  if (!left_.empty()) {
    const auto& agent = names.agents[row.agent];
    if (left_.contains(agent_hash(names.texts[agent.region], names.texts[agent.address]))) {
      return false;
    }
  }
  return !listed_only_ || !wanted_ || !wanted_->find(names.uid_hash(row.target)).empty();
}

} // namespace xprober
