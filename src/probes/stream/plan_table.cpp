#include "xprober/probes/stream/plan_table.hpp"

#include <algorithm>
#include <stdexcept>

namespace xprober::stream {

plan_ptr plan_table::of(const prober_name& prober) const {
  if (prober.text() == kind_->name) {
    return own;
  }
  const auto at = modules.find(prober.text());
  return at == modules.end() ? nullptr : at->second;
}

std::shared_ptr<const plan_table> make_plans(const engine_kind& kind, const agent_config& config) {
  auto table = std::make_shared<plan_table>();
  table->kind_ = kind.kind;
  table->own = kind.make(config, config);
  table->resolver = config.resolver;
  table->max_in_flight = std::max<std::uint32_t>(kind.max_in_flight(config), 1);
  for (const auto& [name, module] : config.modules) {
    if (module.prober != kind.kind) {
      continue;
    }
    try {
      table->modules.emplace(name, kind.make(module, config));
    } catch (const std::exception& wrong) {
      throw std::runtime_error("modules." + name + "." + wrong.what());
    }
  }
  return table;
}

} // namespace xprober::stream
