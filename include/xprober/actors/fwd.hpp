#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace xprober {

/// Every kind of actor; a row of `actors` in `/stats`.
enum class actor_kind : std::uint8_t {
  syncer,
  target_manager,
  target,
  ticker,
  results,
  pusher,
  rpc_client,
  stats,
  terminator,
  gateway,
  registry,
  target_pool,
  store,
  spool,
  journal,
  prober,
  discovery,
  history,
  incidents,
  series_keeper,
  events,
  agent_keeper,
  self_check,
  health,
  chain_teller,
  chains,
};
inline constexpr std::size_t actor_kind_count = 26;

/// The name that `/stats` uses, e.g. "target_manager".
std::string_view to_string(actor_kind kind) noexcept;

} // namespace xprober
