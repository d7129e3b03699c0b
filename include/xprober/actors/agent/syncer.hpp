#pragma once

#include <optional>

#include "xprober/actors/agent/question_taker.hpp"
#include "xprober/actors/chain_actors.hpp"

namespace xprober {

/// Who an agent says that it is.
struct syncer_self {
  agent_identity identity;
  agent_report about{}; ///< without faults, which `self_check` finds, and its interval of asking
  question_parts questions{};
  chain_teller_actor chains{}; ///< hears what the server can do; null: nobody does
};

/// Asks the server for targets once in an interval and hands a list that has changed, or what has
/// changed in it, to the manager. A server that cannot be reached changes nothing. A list that
/// takes away too much has to come twice. Every new list is kept in the spool; an agent that starts
/// without its server probes the one that was kept last. What the server asks beside it goes to the
/// taker of questions.
struct syncer_state {
  static constexpr const char* name = "syncer";

  syncer_actor::pointer self = nullptr;
  syncer_self who;
  std::string process; ///< random: tells servers of two agents that say they are this one
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
  bool reachable = true; ///< the last attempt worked, or none was made yet
  list_protection protection;
  /// `set_hash` of the list that was applied last; with the revision of that list it tells whether
  /// the server's revisions are such hashes, without which no difference can be checked.
  std::optional<std::uint64_t> applied_hash;
  bool has_duplicates = false;  ///< in that list: what a difference means to it is not clear
  bool whole_next = false;      ///< a difference went wrong: ask for the whole list
  monotonic_time whole_again{}; ///< not before then for the sake of the kept list
  std::string held;             ///< the list that has to come again, see `identity_of`; empty: none
  unsigned held_in_turn = 0;
  std::uint64_t list_generation = 0; ///< goes up when the lists come to mean something else
  std::uint64_t servers = 0;         ///< goes up with each new server: older answers do not count
  monotonic_time changing_until{};   ///< the server is being changed: nobody is asked before
  sync_stats counts;
  question_taker taker;

  void start();
  void set_interval(nanoseconds length);
  void tell_interval();
  void start_over();
  void change_server();
  void ask(std::uint64_t timer_generation);
  void use_kept();
  leave_request goodbye() const;
  caf::result<done_atom> leave();

private:
  void arm();
  /// What the manager is to do, and what is true once it has.
  struct step {
    list_update update;
    std::string base; ///< of a difference; empty: a whole list
    std::uint64_t hash = 0;
    std::string identity;
  };

  void forget_list();
  bool takes_differences() const;
  void answered(get_targets_response& response);
  void apply(get_targets_response& response);
  void applied(const step& s, const apply_report& done);
  void keep_change(const step& s);
  void hold(const step& s, std::uint64_t removals);
  void mismatch(const std::string& why);
  void apply_kept(const kept_list& list, std::uint64_t of_server);
  void unchanged();
  void failed(const caf::error& why);
  void report();
};

syncer_actor::behavior_type syncer(syncer_actor::stateful_pointer<syncer_state> self,
                                   syncer_self who, rpc_client_actor client,
                                   target_manager_actor manager, spool_actor spool,
                                   pusher_actor pusher, stats_actor stats, caf::timespan interval,
                                   list_protection protection);

} // namespace xprober
