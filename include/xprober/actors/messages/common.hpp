#pragma once

// The messages and atoms that agent and server have in common. Nothing in messages/ leaves the
// process, so the types are not inspectable; what travels between machines is in domain/wire/.
//
// A type is a message when it stands in the block of type ids at the end of its file, and nowhere
// else: see message_type.hpp.

#include <cstdint>
#include <memory>

#include <caf/all.hpp>

#include "xprober/actors/fwd.hpp"
#include "xprober/actors/messages/message_type.hpp"
#include "xprober/actors/snapshot.hpp"
#include "xprober/domain/histogram.hpp"
#include "xprober/domain/wire/wire.hpp"

namespace xprober {

// -- counters on their way to stats ---------------------------------------------------------------

/// What the handlers of one kind of actor did on one thread since its last report.
struct handler_report {
  actor_kind kind = actor_kind::stats;
  std::uint64_t messages = 0;
  std::uint64_t mailbox_now = 0;
  std::uint64_t mailbox_max = 0;
  std::shared_ptr<const histogram> handler_ns; ///< null where nothing was measured
};

/// How many actors of a kind came and went since the last report.
struct lifecycle_report {
  actor_kind kind = actor_kind::stats;
  std::uint64_t spawned = 0;
  std::uint64_t stopped = 0; ///< ended in order
  std::uint64_t failed = 0;  ///< ended of an error
};

} // namespace xprober

CAF_BEGIN_TYPE_ID_BLOCK(xprober_common, xprober::first_common_type_id)
CAF_ADD_ATOM(xprober_common, xprober, sync_atom, "sync")       // time to ask the server for targets
CAF_ADD_ATOM(xprober_common, xprober, push_atom, "push")       // time to push a batch
CAF_ADD_ATOM(xprober_common, xprober, advance_atom, "advance") // time to turn a wheel
CAF_ADD_ATOM(xprober_common, xprober, expire_atom, "expire")   // time to drop what is too old
CAF_ADD_ATOM(xprober_common, xprober, respawn_atom, "respawn") // time to bring a dead target back
CAF_ADD_ATOM(xprober_common, xprober, take_atom, "take")       // hand over a batch
CAF_ADD_ATOM(xprober_common, xprober, ack_atom, "ack")         // a batch has arrived
CAF_ADD_ATOM(xprober_common, xprober, forget_atom, "forget")   // a target has gone
CAF_ADD_ATOM(xprober_common, xprober, find_atom, "find")       // one item by its key
CAF_ADD_ATOM(xprober_common, xprober, list_atom, "list")       // many items
CAF_ADD_ATOM(xprober_common, xprober, describe_atom, "describe") // tell your own story
CAF_ADD_ATOM(xprober_common, xprober, snapshot_atom, "snapshot") // a copy of the whole state
CAF_ADD_ATOM(xprober_common, xprober, interval_atom, "interval") // a period has a new length
CAF_ADD_ATOM(xprober_common, xprober, flush_atom, "flush")       // push all that is pending
CAF_ADD_ATOM(xprober_common, xprober, stop_atom, "stop")         // end in order
CAF_ADD_ATOM(xprober_common, xprober, done_atom, "done")         // that is done
CAF_ADD_ATOM(xprober_common, xprober, poll_atom, "poll")         // look whether it is done
CAF_ADD_TYPE_ID(xprober_common, (xprober::handler_report))
CAF_ADD_TYPE_ID(xprober_common, (xprober::lifecycle_report))
CAF_ADD_TYPE_ID(xprober_common, (xprober::target_stats))
CAF_ADD_TYPE_ID(xprober_common, (xprober::stats_snapshot))
CAF_ADD_TYPE_ID(xprober_common, (xprober::get_targets_request))
CAF_ADD_TYPE_ID(xprober_common, (xprober::get_targets_response))
CAF_ADD_TYPE_ID(xprober_common, (xprober::push_request))
CAF_ADD_TYPE_ID(xprober_common, (xprober::push_response))
CAF_ADD_TYPE_ID(xprober_common, (xprober::push_batch_request))
CAF_ADD_TYPE_ID(xprober_common, (xprober::push_batch_response))
CAF_END_TYPE_ID_BLOCK(xprober_common)
