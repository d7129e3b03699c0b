#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "xprober/actors/snapshot.hpp"

namespace xprober::web {

/// `/api/v1/agents`: `{agents: [{region, local_ip, state, peer, first_seen, first_seen_unix,
/// last_seen, last_seen_unix, last_push_unix, version, http_addr, link, probe_interval_ms,
/// clock_skew_ms, misdated_results, refused_results, shard: {place, of}, backlog: {batches, bytes,
/// oldest_unix}, lag_ms, own_faults: [{reason, detail, since_unix}]}]}`. `last_push_unix` and
/// `clock_skew_ms` are null before the agent's first batch. `shard` is which part of what its
/// region shares it has, 1 to `of`, null for one without a lease; `backlog` (what waits in its
/// spool; `oldest_unix` null where nothing does) and `lag_ms` (99 % of its probes began less late
/// than this) are null where it does not say. `state`: only those that are so; empty: all.
std::string agents_json(const agent_listing& listing, std::string_view state = {});

/// Where an agent's own page may be, as it says itself; nothing where it does not say, or says what
/// nobody else can reach. One on loopback is told where the agent runs on this machine.
std::optional<std::string> agent_link(const agent_line& line);

} // namespace xprober::web
