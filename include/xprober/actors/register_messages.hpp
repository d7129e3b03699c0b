#pragma once

#include <caf/fwd.hpp>

namespace xprober {

/// Makes the messages of all actors known to an actor system by name. Call it once on the
/// configuration.
void register_messages(caf::actor_system_config& config);

} // namespace xprober
