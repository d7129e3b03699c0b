#include "xprober/actors/server/agent_keeper.hpp"

#include <vector>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"

namespace xprober {

void agent_keeper_state::keep(const keep_agents& told) {
  for (const auto& change : told.changes) {
    const auto& agent = change.agent.agent;
    waiting.insert_or_assign(std::pair{agent.region, agent.local_ip}, change);
  }
  if (!retry_armed) {
    write();
  }
}

void agent_keeper_state::retry() {
  retry_armed = false;
  write();
}

void agent_keeper_state::write() {
  std::vector<storage::agent_change> changes;
  changes.reserve(waiting.size());
  for (const auto& [who, change] : waiting) {
    changes.push_back(change);
  }
  try {
    if (!file) {
      file.emplace(directory);
    }
    file->write(changes);
    waiting.clear();
    works();
  } catch (const storage::database_error& error) {
    failed(error.what());
  }
}

void agent_keeper_state::failed(const std::string& why) {
  file.reset(); // what is wrong with it is seen when it is opened
  if (!failing) {
    log::error("agents", "the agents cannot be kept on disk; tried again until they can",
               {{"error", why}});
    self->send(stats, warnings_report{"agents",
                                      {"after a restart this server would not know which agents "
                                       "are lost, because the disk does not take it: " +
                                       why}});
  }
  failing = true;
  retry_armed = true;
  self->delayed_send(self, agent_keeper_retry, retry_atom_v);
}

void agent_keeper_state::works() {
  if (failing) {
    failing = false;
    log::info("agents", "the agents are kept on disk again");
    self->send(stats, warnings_report{"agents", {}});
  }
}

agent_keeper_actor::behavior_type
agent_keeper(agent_keeper_actor::stateful_pointer<agent_keeper_state> self, std::string directory,
             stats_actor stats) {
  guard_actor(self, "agent_keeper");
  auto& state = self->state;
  state.self = self;
  state.directory = std::move(directory);
  state.stats = std::move(stats);
  return {
      [self](const keep_agents& told) {
        const handler_meter meter{self, actor_kind::agent_keeper, self->state.stats};
        self->state.keep(told);
      },
      [self](retry_atom) {
        const handler_meter meter{self, actor_kind::agent_keeper, self->state.stats};
        self->state.retry();
      },
  };
}

} // namespace xprober
