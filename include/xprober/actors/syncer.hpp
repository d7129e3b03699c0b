#pragma once

#include <optional>

#include "xprober/actors/actors.hpp"

namespace xprober {

/// Asks the server for targets once in an interval and hands a list that has changed to the
/// manager. A server that cannot be reached changes nothing. Every new list is kept in the spool;
/// an agent that starts without its server probes the one that was kept last.
struct syncer_state {
  static constexpr const char* name = "syncer";

  syncer_actor::pointer self = nullptr;
  agent_identity identity;
  rpc_client_actor client;
  target_manager_actor manager;
  spool_actor spool;
  pusher_actor pusher; ///< hears what the server can do
  stats_actor stats;
  nanoseconds interval{0};
  monotonic_time next{};
  std::uint64_t generation = 0; ///< of the armed timer
  bool asking = false;          ///< a request or its application is under way
  bool ready = false;           ///< a list was applied
  bool kept_tried = false;      ///< the kept list was asked for
  bool stopped = false;
  bool reachable = true;          ///< the last attempt worked, or none was made yet
  std::optional<std::uint64_t> applied_hash; ///< of the last list that was applied
  std::uint64_t list_generation = 0; ///< goes up when the lists come to mean something else
  sync_stats counts;

  void start();
  void set_interval(nanoseconds length);
  void start_over();
  void ask(std::uint64_t timer_generation);
  void use_kept();

private:
  void arm();
  void answered(get_targets_response& response);
  void apply(get_targets_response& response, std::uint64_t hash);
  void apply_kept(const kept_list& list);
  void unchanged();
  void failed(const caf::error& why);
  void report();
};

syncer_actor::behavior_type syncer(syncer_actor::stateful_pointer<syncer_state> self,
                                   agent_identity identity, rpc_client_actor client,
                                   target_manager_actor manager, spool_actor spool,
                                   pusher_actor pusher, stats_actor stats, caf::timespan interval);

/// A hash of everything in a list, to recognise one that has not changed.
std::uint64_t list_hash(const target_list& list);

} // namespace xprober
