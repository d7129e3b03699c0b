#pragma once

#include <map>
#include <memory>
#include <string>

#include "xprober/domain/target_limits.hpp"
#include "xprober/probes/stream/plan.hpp"

namespace xprober::stream {

/// The plans of a whole configuration. Never changes.
struct plan_table {
  plan_ptr own; ///< of targets without a module
  std::map<std::string, plan_ptr, std::less<>> modules;
  resolver_config resolver;
  std::uint32_t max_in_flight = 1;
  target_limits_ptr limits; ///< of all probes
  /// Of the plans whose settings hold secrets, by the prober's name; who is not here may send them
  /// to whoever the target is.
  std::map<std::string, target_limits_ptr, std::less<>> secret_hosts;

  /// The plan that a target's prober names; null where there is no such module (any more).
  plan_ptr of(const prober_name& prober) const;

  /// Who may be sent the secrets of that plan; null: whoever the target is.
  target_limits_ptr secret_hosts_of(const prober_name& prober) const;

private:
  friend std::shared_ptr<const plan_table> make_plans(const engine_kind&, const agent_config&);
  const probe_kind* kind_ = nullptr;
};

/// Throws std::runtime_error that names the key of what cannot be used, e.g.
/// "modules.NAME.http.ca_file: ...".
std::shared_ptr<const plan_table> make_plans(const engine_kind& kind, const agent_config& config);

} // namespace xprober::stream
