#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "net/io_thread.hpp"
#include "xprober/actors/actors.hpp"
#include "xprober/actors/chain_actors.hpp"
#include "xprober/actors/register_messages.hpp"
#include "xprober/bridge/error.hpp"
#include "xprober/bridge/gateway.hpp"
#include "xprober/domain/string_hash.hpp"
#include "xprober/domain/wire/batch.hpp"
#include "xprober/rpc/server.hpp"

namespace xprober::test {

/// What the fakes were told, readable from every thread.
struct fake_counts {
  std::atomic<int> seen{0};   ///< agents told to the registry
  std::atomic<int> lists{0};  ///< lists asked for
  std::atomic<int> values{0}; ///< values pushed
  std::atomic<int> rows{0};   ///< rows of batches, as their headers say
  std::atomic<int> peer_port{0};
  std::atomic<int> told_apart{0}; ///< callers that say, or whose connection says, who they are
  std::atomic<int> faults{0};     ///< of their own, in all that agents have told
  std::atomic<int> gone{0};       ///< agents that have said goodbye
  std::atomic<std::uint64_t> holder{0}; ///< hash of who has told of certificates last
};

inline registry_actor::behavior_type fake_registry(registry_actor::pointer,
                                                   std::shared_ptr<fake_counts> counts) {
  return {
      [counts](const agent_seen& seen) {
        counts->peer_port = std::stoi(seen.peer.substr(seen.peer.rfind(':') + 1));
        counts->told_apart += seen.process.empty() ? 0 : 1;
        counts->faults += static_cast<int>(seen.about.own_faults.size());
        ++counts->seen;
      },
      [](expire_leases_atom) {},
      [](tell_mesh_atom) {},
      [](const set_mesh_lease&) {},
      [](serving_atom) {},
      [](const agent_clock&) {},
      [](const agent_lapse&) {},
      [counts](const agent_gone& gone) {
        ++counts->gone;
        return gone.agent.region != "unknown";
      },
      [](const retire_agent&) { return false; },
      [](const set_mesh_forget&) {},
      [](const set_mesh_gate&) {},
      [](const watch_agents&) {},
      [](get_agents_atom) { return agent_listing{}; },
  };
}

/// Answers with one target named after the region; "unchanged" for revision r1; an error for the
/// region "bad"; never for "mute"; 50,000 targets for "large".
inline target_pool_actor::behavior_type fake_pool(target_pool_actor::pointer self,
                                                  std::shared_ptr<fake_counts> counts) {
  auto large = std::make_shared<get_targets_response>();
  large->revision = "large";
  large->targets.push_back({"icmp", "large", {}});
  large->targets[0].targets.resize(50'000, "192.0.2.200");
  return {
      [=](const get_targets_request& request) -> caf::result<targets_answer> {
        ++counts->lists;
        if (request.local_region == "mute") {
          return self->make_response_promise<targets_answer>();
        }
        if (request.local_region == "bad") {
          return caf::make_error(caf::sec::runtime_error, "no list for you");
        }
        if (request.local_region == "large") {
          return targets_answer{large};
        }
        auto answer = std::make_shared<get_targets_response>();
        answer->revision = "r1";
        answer->unchanged = request.revision == "r1";
        if (!answer->unchanged) {
          answer->targets = {{"icmp", "other", {request.local_region + ".example"}}};
        }
        return targets_answer{answer};
      },
      [](const questions_request& from) {
        return questions_response{{{from.replies.empty() ? "none" : from.replies[0].body,
                                    "probe",
                                    {},
                                    "icmp",
                                    from.local_region,
                                    from.local_ip}}};
      },
      [](const ask_agent&) { return agent_answer{}; },
      [](const mesh_update&) {},
      [](const pool_config&) { return pool_report{}; },
      [](get_labels_atom) { return target_labels_ptr{}; },
      [](const watch_labels&) {},
      [](const watch_entered&) {},
  };
}

/// Takes over whatever it gets; refuses the sequence 13.
inline journal_actor::behavior_type fake_journal(journal_actor::pointer,
                                                 std::shared_ptr<fake_counts> counts) {
  return {
      [counts](const push_batch_request& request) -> caf::result<push_batch_response> {
        batch_header header;
        read_batch_header(*request.bytes, header);
        if (header.sequence == 13) {
          return caf::make_error(caf::sec::runtime_error, "the disk is full");
        }
        counts->rows += static_cast<int>(header.rows);
        return push_batch_response{to_text(header.instance),
                                   static_cast<std::int64_t>(header.sequence),
                                   header.rows,
                                   1,
                                   true,
                                   {"row 1: it is cut short"}};
      },
      [counts](const push_request& request) {
        counts->values += static_cast<int>(request.values.size());
        return push_response{static_cast<std::int32_t>(request.values.size())};
      },
      [](prepare_atom, const journal_readers&) { return done_atom_v; },
      [](commit_atom) { return done_atom_v; },
      [](abandon_atom) {},
      [](const reader_begin&) { return reader_start{}; },
      [](const read_request&) { return journal_page{}; },
      [](const reader_progress&) { return done_atom_v; },
      [](const series_ended&) {},
      [](await_replay_atom) { return done_atom_v; },
      [](const set_result_ttl&) {},
      [](const limits_config&) {},
      [](const memory_strain&) {},
      [](const targets_entered&) {},
      [](prune_atom) {},
      [](get_problem_atom) { return std::string{}; },
      [](retry_atom) {},
      [](replay_atom) {},
  };
}

inline chains_actor::behavior_type fake_chains(chains_actor::pointer,
                                               std::shared_ptr<fake_counts> counts) {
  return {
      [counts](const chains_request& said) {
        counts->holder = hash_bytes(said.holder);
        return chains_response{said.sequence + 1, false, {}};
      },
      [](const targets_entered&) {},
      [](const limits_config&) {},
      [](const chain_query&) { return chain_page_ptr{}; },
      [](report_atom) { return done_atom_v; },
      [](expire_atom) {},
  };
}

struct actor_config : caf::actor_system_config {
  actor_config() {
    register_messages(*this);
    bridge::register_errors(*this);
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{1});
    set("logger.verbosity", caf::atom("quiet"));
  }
};

/// An actor system with the fakes and the gateway, and the thread for I/O, which outlives it.
class fake_backend {
public:
  ~fake_backend() {
    for (auto& handle : {caf::actor_cast<caf::strong_actor_ptr>(actors.gateway),
                         caf::actor_cast<caf::strong_actor_ptr>(actors.registry),
                         caf::actor_cast<caf::strong_actor_ptr>(actors.target_pool),
                         caf::actor_cast<caf::strong_actor_ptr>(actors.journal),
                         caf::actor_cast<caf::strong_actor_ptr>(actors.chains)}) {
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
    }
    actors = {};
  }

  io_thread io;
  actor_config config;
  caf::actor_system system{config};
  std::shared_ptr<fake_counts> counts = std::make_shared<fake_counts>();
  rpc::server_actors actors{system.spawn(bridge::gateway, stats_actor{}),
                            system.spawn(fake_registry, counts),
                            system.spawn(fake_pool, counts),
                            system.spawn(fake_journal, counts),
                            stats_actor{},
                            system.spawn(fake_chains, counts)};
};

} // namespace xprober::test
