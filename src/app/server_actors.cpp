#include "xprober/app/server_actors.hpp"

#include <utility>
#include <vector>

#include "xprober/actors/server/agent_keeper.hpp"
#include "xprober/actors/server/chains.hpp"
#include "xprober/actors/server/discovery.hpp"
#include "xprober/actors/server/events.hpp"
#include "xprober/actors/server/history.hpp"
#include "xprober/actors/server/incidents.hpp"
#include "xprober/actors/server/incidents_front.hpp"
#include "xprober/actors/server/journal.hpp"
#include "xprober/actors/server/journal_front.hpp"
#include "xprober/actors/server/registry.hpp"
#include "xprober/actors/server/series_keeper.hpp"
#include "xprober/actors/server/store.hpp"
#include "xprober/actors/server/store_shards.hpp"
#include "xprober/actors/server/target_pool.hpp"
#include "xprober/app/receivers.hpp"
#include "xprober/app/series_memory.hpp"
#include "xprober/base/log.hpp"
#include "xprober/bridge/error.hpp"
#include "xprober/discovery/io.hpp"
#include "xprober/net/tls.hpp"
#include "xprober/storage/agent_file.hpp"

namespace xprober::app {

namespace {

/// Expanding two million addresses takes a second or two.
constexpr std::chrono::seconds start_timeout{60};
/// Results of five minutes of the largest load take some ten seconds.
constexpr std::chrono::minutes replay_timeout{10};

/// As many parts as workers: each can be at work at the same time.
store_actor make_store(actor_host& host, const server_config& config) {
  const caf::timespan ttl{config.result_ttl};
  if (config.threads == 1) {
    return host.spawn(actor_kind::store, xprober::store, host.stats(), ttl);
  }
  std::vector<store_actor> shards;
  shards.reserve(config.threads);
  for (std::uint32_t i = 0; i < config.threads; ++i) {
    shards.push_back(host.spawn(actor_kind::store, xprober::store_shard, host.stats(), ttl,
                                store_part{i, config.threads}));
  }
  return host.spawn(actor_kind::store, xprober::store_shards, std::move(shards));
}

registry_actor make_registry(actor_host& host, const server_config& config,
                             const target_pool_actor& pool, const store_actor& store) {
  const auto& stats = host.stats();
  auto known = storage::read_agents(config.state_dir);
  agent_keeper_actor file;
  if (!config.state_dir.empty()) {
    file = host.spawn<caf::detached>(actor_kind::agent_keeper, xprober::agent_keeper,
                                     config.state_dir, stats);
  }
  return host.spawn(
      actor_kind::registry, xprober::registry, registry_parts{pool, store, stats, file},
      registry_settings{config.mesh_lease, config.mesh_forget, std::move(known), gate_of(config)});
}

/// What was acknowledged is there, and its readers' places are known.
void await_journal(caf::scoped_actor& self, const journal_actor& journal,
                   const server_config& config) {
  // Before anybody is listened to: what was acknowledged is there.
  self->request(journal, replay_timeout, await_replay_atom_v)
      .receive([](done_atom) {},
               [](const caf::error&) {
                 log::error("main",
                            "the journal was not read in time; the server begins without it");
               });
  self->request(journal, start_timeout, prepare_atom_v, readers_of(config, config.history.enabled))
      .receive([](done_atom) {},
               [](const caf::error& error) {
                 log::error("main", "the journal cannot keep its readers' queues",
                            {{"error", bridge::error_text(error)}});
               });
  caf::anon_send(journal, commit_atom_v);
}

/// Throws net::setup_error where the targets cannot be used.
void obey_targets(caf::scoped_actor& self, const discovery_actor& discovery,
                  const server_config& config) {
  std::string problem;
  const auto judge = [&](auto... step) {
    self->request(discovery, start_timeout, std::move(step)...)
        .receive([&](const pool_report& report) { problem = report.error; },
                 [&](const caf::error& error) { problem = bridge::error_text(error); });
    if (!problem.empty()) {
      throw net::setup_error(problem);
    }
  };
  judge(prepare_atom_v, targets_of(config));
  judge(commit_atom_v);
}

} // namespace

set_result_ttl ttl_of(const server_config& config) {
  return {config.result_ttl, config.mesh_forget, config.limits.listed_targets_only};
}

mesh_gate gate_of(const server_config& config) {
  return {config.mesh_networks, config.limits.new_agents_per_minute, config.retired_agents};
}

discovery_config targets_of(const server_config& config) {
  return {{config.prober_targets, config.max_targets, config.mesh},
          config.target_files,
          config.target_urls};
}

void server_actors::spawn(actor_host& host, const server_config& config) {
  const auto& stats = host.stats();
  events = host.spawn(actor_kind::events, xprober::events, stats, new_event_run());
  store = make_store(host, config);
  caf::anon_send(store, ttl_of(config));
  if (!config.state_dir.empty()) {
    keeper = host.spawn<caf::detached>(actor_kind::series_keeper, xprober::series_keeper,
                                       config.state_dir, store, stats);
  }
  // Before what the journal has: that is newer.
  restore_series(host.system(), keeper, start_timeout);
  caf::anon_send(stats, stats_reporter{caf::actor_cast<caf::actor>(store)});
  pool = host.spawn(actor_kind::target_pool, xprober::target_pool, store, stats);
  registry = make_registry(host, config, pool, store);
  journal = host.spawn(actor_kind::journal, xprober::journal_front,
                       host.spawn<caf::detached>(
                           actor_kind::journal, xprober::limited_journal, config.state_dir, store,
                           stats, caf::timespan{config.result_ttl}, registry, config.limits));
  caf::anon_send(journal, ttl_of(config));
  caf::anon_send(pool, watch_entered{caf::actor_cast<caf::actor>(journal)});
  chains = host.spawn(actor_kind::chains, xprober::chains, stats, chain_limits{},
                      config.limits.listed_targets_only);
  caf::anon_send(pool, watch_entered{caf::actor_cast<caf::actor>(chains)});
  caf::anon_send(stats, stats_reporter{caf::actor_cast<caf::actor>(chains)});
  discovery = host.spawn<caf::detached>(actor_kind::discovery, xprober::discovery,
                                        service_discovery::make_io(host.io(), config.state_dir),
                                        pool, stats);
}

void server_actors::start(actor_host& host, const server_config& config) {
  spawn(host, config);
  if (auto problem = receivers_problem(config); !problem.empty()) {
    throw net::setup_error(problem);
  }
  caf::anon_send(store, watch_of(config, journal));
  caf::scoped_actor self{host.system()};
  await_journal(self, journal, config);
  const auto& stats = host.stats();
  if (config.history.enabled) {
    history =
        host.spawn(actor_kind::history, xprober::history_front,
                   host.spawn<caf::detached>(actor_kind::history, xprober::history,
                                             config.state_dir, config.history, journal, stats));
  }
  obey_targets(self, discovery, config);
  incidents =
      host.spawn(actor_kind::incidents, xprober::incidents_front,
                 host.spawn<caf::detached>(
                     actor_kind::incidents, xprober::incidents, config.state_dir,
                     rules_of(config.alerts, config.status), config.threads,
                     incident_sources{store, registry, pool, stats, history, events, chains}));
}

} // namespace xprober::app
