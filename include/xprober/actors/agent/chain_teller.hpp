#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "xprober/actors/chain_actors.hpp"

namespace xprober {

/// What has changed is told so soon, so that much goes together.
inline constexpr std::chrono::seconds chain_pause{1};
/// And the server is asked so often whether it still knows what it was told.
inline constexpr std::chrono::seconds chain_heartbeat{30};
/// Where the server wants more certificates than that, they are sent before it hears of others.
inline constexpr std::size_t most_wanted = 1000;

/// Tells the server which certificates the targets show: those of each target once and whenever
/// they change, and each certificate's bytes once, where the server asks for them. The results say
/// what has changed, the syncer that the server is one that takes it. One request is under way at a
/// time; one that was lost is sent again as it was, and a server that lacks what came before (it
/// began anew, it is another one, it had no place) is told all anew. What waits is bounded by the
/// number of targets, and of certificates by `most_wanted`: no more targets are told of while so
/// many are still to be sent.
struct chain_teller_state {
  static constexpr const char* name = "chain_teller";

  struct entry {
    target_ref target;
    sent_chain_ptr chain; ///< not null
    std::string verdict;
    bool queued = false;
  };

  chain_teller_actor::pointer self = nullptr;
  rpc_client_actor client;
  stats_actor stats;
  chains_request who; ///< with nothing to tell
  std::unordered_map<target_index, entry> entries;
  std::deque<target_index> queue;                            ///< of entries that are to be told
  std::deque<target_uid> gone;                               ///< targets that show none any more
  std::deque<std::pair<sent_chain_ptr, std::size_t>> wanted; ///< certificates to be sent
  std::uint64_t sequence = 0;
  std::optional<chains_request> under_way;
  std::unordered_map<std::string, std::pair<sent_chain_ptr, std::size_t>>
      offered;          ///< certificates that the request under way names
  bool able = false;    ///< the server takes batches, so it takes this, too
  bool waiting = false; ///< for its answer
  bool armed = false;   ///< a timer goes off at `due`
  monotonic_time due{};
  bool anew = false;       ///< more has gone than can be told
  bool complained = false; ///< of the server, since it took something last

  void see(const chain_seen& seen);
  void forget(target_index index);
  void hear(const server_abilities& can);
  void tell();

private:
  void put(target_index index, entry& what);
  void tell_soon();
  void arm(nanoseconds pause);
  bool idle() const noexcept { return queue.empty() && gone.empty() && wanted.empty(); }
  chains_request next_request();
  void add_sightings(chains_request& out);
  void add_certificates(chains_request& out);
  void send();
  void answered(const chains_response& answer);
  void failed(const caf::error& why);
  void begin_again();
};

/// `who` with nothing to tell.
chain_teller_actor::behavior_type
chain_teller(chain_teller_actor::stateful_pointer<chain_teller_state> self, chains_request who,
             rpc_client_actor client, stats_actor stats);

} // namespace xprober
