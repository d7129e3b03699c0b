#pragma once

#include "xprober/actors/actors.hpp"

namespace xprober {

/// What sessions send batches to: it passes them on to the journal. A session that is cut off at
/// the end leaves its handle in an I/O context that outlives the actors, and the thread of a
/// detached actor ends only when its last handle is gone: this one lets go of the journal when it
/// ends.
struct journal_front_state {
  static constexpr const char* name = "journal_front";

  journal_actor journal;
};

journal_actor::behavior_type
journal_front(journal_actor::stateful_pointer<journal_front_state> self, journal_actor journal);

} // namespace xprober
