#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "xprober/actors/actors.hpp"
#include "xprober/storage/agent_file.hpp"

namespace xprober {

/// After so long it is tried again whether the disk works.
inline constexpr std::chrono::seconds agent_keeper_retry{10};

/// Owns the file of agents. The registry tells it what has changed; what the disk does not take
/// waits, one line for each agent. Blocks: it has a thread of its own.
struct agent_keeper_state {
  static constexpr const char* name = "agent_keeper";

  agent_keeper_actor::pointer self = nullptr;
  std::string directory;
  stats_actor stats;
  std::optional<storage::agent_file> file; ///< nothing before it could be opened
  /// By region and address.
  std::map<std::pair<std::string, std::string>, storage::agent_change> waiting;
  bool failing = false;
  bool retry_armed = false;

  void keep(const keep_agents& told);
  void retry();

private:
  void write();
  void failed(const std::string& why);
  void works();
};

agent_keeper_actor::behavior_type
agent_keeper(agent_keeper_actor::stateful_pointer<agent_keeper_state> self, std::string directory,
             stats_actor stats);

} // namespace xprober
