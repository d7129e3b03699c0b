#pragma once

#include "xprober/actors/actors.hpp"

namespace xprober {

/// What web sessions and receivers ask: it passes questions on, and lets go of the incidents when
/// it ends (as `journal_front` does for the journal).
struct incidents_front_state {
  static constexpr const char* name = "incidents_front";

  incidents_actor incidents;
};

incidents_actor::behavior_type
incidents_front(incidents_actor::stateful_pointer<incidents_front_state> self,
                incidents_actor incidents);

} // namespace xprober
