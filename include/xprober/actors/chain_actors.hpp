#pragma once

// The protocol of those who know certificates: see actors.hpp.

#include "xprober/actors/actors.hpp"

namespace xprober {

/// Tells the server which certificates the targets show.
using chain_teller_actor = caf::typed_actor<
    // a target shows other certificates than before
    reacts_to<chain_seen>,
    // a target has gone
    reacts_to<target_gone>,
    // the server has answered the syncer
    reacts_to<server_abilities>,
    // INTERNAL: time to tell the server
    reacts_to<tell_chains_atom>>;

/// Which certificates the targets show, as agents tell it.
using chains_actor = caf::typed_actor<
    // Server.Chains
    replies_to<chains_request>::with<chains_response>,
    // the target pool: the targets that there are
    reacts_to<targets_entered>,
    // what agents may cause
    reacts_to<limits_config>,
    // for /api/v1/certificates
    replies_to<chain_query>::with<chain_page_ptr>,
    // tell stats the latest counts now
    replies_to<report_atom>::with<done_atom>,
    // INTERNAL: time to drop what was told by agents that are silent
    reacts_to<expire_atom>>;

} // namespace xprober
