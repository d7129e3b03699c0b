#pragma once

#include <chrono>

#include <caf/all.hpp>

#include "xprober/actors/actors.hpp"

// What a server remembers of series over a restart, at its start and at its end.

namespace xprober::app {

/// Has the store told what was kept; returns when that comes before all that is sent to the store
/// from then on. A keeper that is null has nothing.
void restore_series(caf::actor_system& system, const series_keeper_actor& keeper,
                    caf::timespan patience);

/// Has it kept for the last time; the store must still be there.
void keep_series(caf::actor_system& system, const series_keeper_actor& keeper,
                 caf::timespan patience);

} // namespace xprober::app
