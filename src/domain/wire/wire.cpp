#include "xprober/domain/wire/wire.hpp"

#include <chrono>

namespace xprober {

void append_wire_values(const probe_result& result, const agent_identity& agent,
                        std::vector<wire_value>& out) {
  const auto& uid = result.target->uid;
  const auto& kind = result.target->kind();
  const auto& outcome = result.outcome;
  const auto ended = to_unix_seconds(
      outcome.started + std::chrono::duration_cast<wall_clock::duration>(outcome.duration));
  for (const auto& [column, value] : old_values{kind, outcome.state(), outcome.values}) {
    out.push_back({agent.local_ip, kind.columns[column].old_name, uid.address, agent.region,
                   uid.region, std::string{to_string(uid.type)}, ended, value});
  }
}

} // namespace xprober
