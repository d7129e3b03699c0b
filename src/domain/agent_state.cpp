#include "xprober/domain/agent_state.hpp"

namespace xprober {

std::string_view to_string(agent_state state) noexcept {
  switch (state) {
  case agent_state::ok: return "ok";
  case agent_state::late: return "late";
  case agent_state::lost: return "lost";
  case agent_state::left: return "left";
  }
  return "unknown";
}

bool own_faults::spoil_results(std::string_view reason) noexcept {
  return reason != no_icmp_permission && reason != no_ipv6 && reason != unknown_modules &&
         reason != spool_full && reason != certificate_ends;
}

} // namespace xprober
