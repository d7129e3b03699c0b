#pragma once

// A part of the protocol of the system, see actors.hpp.

#include <cstdint>

#include "xprober/actors/messages/common.hpp"

namespace xprober {

/// Asks all actors that the process cannot do without whether they answer. Every actor answers
/// `ping_atom` (see guard.hpp), which no interface names.
using health_actor = caf::typed_actor<
    // one more is vital
    caf::reacts_to<vital_actor>,
    // do all answer? Itself answers within `health_deadline`
    caf::replies_to<get_health_atom>::with<health_report>,
    // INTERNAL: time to ask them all
    caf::reacts_to<round_due_atom>,
    // INTERNAL: a round has lasted long enough; the number is the round's
    caf::reacts_to<round_over_atom, std::uint64_t>>;

} // namespace xprober
