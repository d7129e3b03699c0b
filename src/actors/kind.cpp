#include "xprober/actors/fwd.hpp"

namespace xprober {

std::string_view to_string(actor_kind kind) noexcept {
  switch (kind) {
  case actor_kind::syncer: return "syncer";
  case actor_kind::target_manager: return "target_manager";
  case actor_kind::target: return "target";
  case actor_kind::ticker: return "ticker";
  case actor_kind::results: return "results";
  case actor_kind::pusher: return "pusher";
  case actor_kind::rpc_client: return "rpc_client";
  case actor_kind::stats: return "stats";
  case actor_kind::terminator: return "terminator";
  case actor_kind::gateway: return "gateway";
  case actor_kind::registry: return "registry";
  case actor_kind::target_pool: return "target_pool";
  case actor_kind::store: return "store";
  case actor_kind::spool: return "spool";
  case actor_kind::journal: return "journal";
  case actor_kind::prober: return "prober";
  case actor_kind::discovery: return "discovery";
  case actor_kind::history: return "history";
  case actor_kind::incidents: return "incidents";
  case actor_kind::series_keeper: return "series_keeper";
  case actor_kind::events: return "events";
  case actor_kind::agent_keeper: return "agent_keeper";
  case actor_kind::self_check: return "self_check";
  case actor_kind::health: return "health";
  case actor_kind::chain_teller: return "chain_teller";
  case actor_kind::chains: return "chains";
  }
  return "unknown";
}

} // namespace xprober
