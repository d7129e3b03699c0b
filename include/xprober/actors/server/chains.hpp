#pragma once

#include "xprober/actors/chain_actors.hpp"
#include "xprober/actors/server/agent_pace.hpp"
#include "xprober/actors/server/given_targets.hpp"
#include "xprober/store/chain_book.hpp"

namespace xprober {

/// Owns the book of certificates. Agents tell it which ones their targets show, the target pool
/// which targets there are. It keeps nothing on disk: after a start the
/// agents tell all anew. To read a request of the largest size takes some milliseconds, on a worker
/// and not on a thread with sockets; who sends too much is told to come later with it.
struct chains_state {
  static constexpr const char* name = "chains";

  chains_actor::pointer self = nullptr;
  stats_actor stats;
  chain_book book;
  given_targets given;
  bool listed_only = true;  ///< `limits.listed_targets_only`
  monotonic_time rotated{}; ///< when targets that are no more were dropped last
  agent_pace pace;          ///< by hash of the holder
  std::uint64_t paced = 0;

  /// What a holder may tell in a second, and thirty times as much at once: a target or a chain
  /// costs 1, a certificate, which is read, 10, and so does a request. That of the largest size is
  /// 2,650; an agent that has a hundred thousand targets has told all after a minute.
  static constexpr std::uint64_t told_per_second = 5000;

  caf::result<chains_response> take(const chains_request& said);
  void report() const;
  void enter(const target_universe& universe);
  void expire();
  void limit(bool to_listed);

private:
  chain_book::admission admission();
};

chains_actor::behavior_type chains(chains_actor::stateful_pointer<chains_state> self,
                                   stats_actor stats, chain_limits limits, bool listed_only);

} // namespace xprober
