#include "xprober/probes/stream/plan_table.hpp"

#include <algorithm>
#include <stdexcept>

#include "xprober/domain/kind_table.hpp"

namespace xprober::stream {

plan_ptr plan_table::of(const prober_name& prober) const {
  if (prober.text() == kind_->name) {
    return own;
  }
  const auto at = modules.find(prober.text());
  return at == modules.end() ? nullptr : at->second;
}

target_limits_ptr plan_table::secret_hosts_of(const prober_name& prober) const {
  const auto at = secret_hosts.find(prober.text());
  return at == secret_hosts.end() ? nullptr : at->second;
}

namespace {

void note_secret_hosts(const std::string& name, const probe_kind& kind,
                       const kind_settings& settings, const std::string& key, plan_table& table) {
  if (!settings.secret_hosts.empty() && has_secrets(kind, settings)) {
    table.secret_hosts.emplace(name, limits_to(settings.secret_hosts, key));
  }
}

} // namespace

std::shared_ptr<const plan_table> make_plans(const engine_kind& kind, const agent_config& config) {
  auto table = std::make_shared<plan_table>();
  table->kind_ = kind.kind;
  table->own = kind.make(config, config);
  table->resolver = config.resolver;
  table->limits = make_target_limits(config);
  note_secret_hosts(kind.kind->name, *kind.kind, config, "secret_hosts", *table);
  table->max_in_flight = std::max<std::uint32_t>(kind.max_in_flight(config), 1);
  for (const auto& [name, module] : config.modules) {
    if (module.prober != kind.kind) {
      continue;
    }
    try {
      table->modules.emplace(name, kind.make(module, config));
      const bool inherited = module.secret_hosts == config.secret_hosts;
      note_secret_hosts(name, *kind.kind, module,
                        (inherited ? "" : "modules." + name + ".") + "secret_hosts", *table);
    } catch (const std::exception& wrong) {
      throw std::runtime_error("modules." + name + "." + wrong.what());
    }
  }
  return table;
}

} // namespace xprober::stream
