#include "xprober/store/store_names.hpp"

#include "xprober/domain/target.hpp"

namespace xprober {

store_names::owners store_names::add_row(const wire_value& series, slot target) {
  if (target == no_slot) {
    target = targets.add(texts, target_in(series));
  }
  auto agent = find_agent(series);
  if (agent == no_slot) {
    agent = agents.add(texts, series.source_region, series.worker_name);
  }
  targets.add_row(target);
  agents.add_row(agent);
  return {agent, target};
}

void store_names::remove_row(const owners& of) {
  agents.remove_row(texts, of.agent);
  targets.remove_row(texts, of.target);
}

std::uint64_t store_names::uid_hash(slot target) const {
  const auto& t = targets[target];
  return stable_hash(texts[t.region], texts[t.address], texts[t.prober]);
}

} // namespace xprober
