#pragma once

#include <map>
#include <memory>
#include <string>

#include "xprober/probes/stream/plan.hpp"

namespace xprober::stream {

/// The plans of a whole configuration. Never changes.
struct plan_table {
  plan_ptr own; ///< of targets without a module
  std::map<std::string, plan_ptr, std::less<>> modules;
  resolver_config resolver;
  std::uint32_t max_in_flight = 1;

  /// The plan that a target's prober names; null where there is no such module (any more).
  plan_ptr of(const prober_name& prober) const;

private:
  friend std::shared_ptr<const plan_table> make_plans(const engine_kind&, const agent_config&);
  const probe_kind* kind_ = nullptr;
};

/// Throws std::runtime_error that names the key of what cannot be used, e.g.
/// "modules.NAME.http.ca_file: ...".
std::shared_ptr<const plan_table> make_plans(const engine_kind& kind, const agent_config& config);

} // namespace xprober::stream
