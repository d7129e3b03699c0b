#pragma once

// The messages and atoms that agent and server have in common. Nothing in messages/ leaves the
// process, so the types are not inspectable; what travels between machines is in domain/wire/.
//
// A type is a message when it stands in the block of type ids at the end of its file, and nowhere
// else: see message_type.hpp.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <caf/all.hpp>

#include "xprober/actors/fwd.hpp"
#include "xprober/actors/messages/message_type.hpp"
#include "xprober/actors/snapshot.hpp"
#include "xprober/domain/histogram.hpp"
#include "xprober/domain/wire/chains.hpp"
#include "xprober/domain/wire/questions.hpp"
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
  std::vector<actor_edge> edges{}; ///< whose messages these were, and what it gave to engines
};

/// How many actors of a kind came and went since the last report.
struct lifecycle_report {
  actor_kind kind = actor_kind::stats;
  std::uint64_t spawned = 0;
  std::uint64_t stopped = 0; ///< ended in order
  std::uint64_t failed = 0;  ///< ended of an error
};

/// What somebody should know who looks after this process, for as long as it is so: all that `from`
/// has to say at present.
struct warnings_report {
  std::string from; ///< whose words these are, for order: "configuration", "registry"
  std::vector<std::string> lines;
};

/// An actor that takes report_atom: stats asks it before it answers what it knows.
struct stats_reporter {
  caf::actor actor;
};

/// An actor that the process cannot do without: `health` asks whether it answers.
struct vital_actor {
  actor_kind kind = actor_kind::stats;
  caf::actor actor;
};

/// Whether all vital actors answer.
struct health_report {
  bool healthy = true;
  std::string sentence; ///< for people: "healthy", which part is busy, or which does not answer

  bool operator==(const health_report&) const = default;
};

} // namespace xprober

CAF_BEGIN_TYPE_ID_BLOCK(xprober_common, xprober::first_common_type_id)
CAF_ADD_ATOM(xprober_common, xprober, stop_atom, "stop")             // end in order
CAF_ADD_ATOM(xprober_common, xprober, done_atom, "done")             // that is done
CAF_ADD_ATOM(xprober_common, xprober, report_due_atom, "report_due") // time to tell stats
CAF_ADD_ATOM(xprober_common, xprober, report_atom, "report")         // tell stats all, now
CAF_ADD_ATOM(xprober_common, xprober, get_stats_atom, "get_stats")   // all that stats knows
CAF_ADD_ATOM(xprober_common, xprober, ping_atom, "ping")             // are you there
CAF_ADD_ATOM(xprober_common, xprober, get_health_atom, "get_health") // do all answer
CAF_ADD_ATOM(xprober_common, xprober, round_due_atom, "round_due")   // time to ask all
CAF_ADD_ATOM(xprober_common, xprober, round_over_atom, "round_over") // who has not answered is late
CAF_ADD_TYPE_ID(xprober_common, (xprober::vital_actor))
CAF_ADD_TYPE_ID(xprober_common, (xprober::health_report))
CAF_ADD_TYPE_ID(xprober_common, (xprober::handler_report))
CAF_ADD_TYPE_ID(xprober_common, (xprober::lifecycle_report))
CAF_ADD_TYPE_ID(xprober_common, (xprober::stats_reporter))
CAF_ADD_TYPE_ID(xprober_common, (xprober::warnings_report))
CAF_ADD_TYPE_ID(xprober_common, (xprober::target_stats))
CAF_ADD_TYPE_ID(xprober_common, (xprober::port_counters))
CAF_ADD_TYPE_ID(xprober_common, (xprober::memory_stats))
CAF_ADD_TYPE_ID(xprober_common, (xprober::stats_snapshot))
CAF_ADD_TYPE_ID(xprober_common, (xprober::get_targets_request))
CAF_ADD_TYPE_ID(xprober_common, (xprober::get_targets_response))
CAF_ADD_TYPE_ID(xprober_common, (xprober::push_request))
CAF_ADD_TYPE_ID(xprober_common, (xprober::push_response))
CAF_ADD_TYPE_ID(xprober_common, (xprober::push_batch_request))
CAF_ADD_TYPE_ID(xprober_common, (xprober::push_batch_response))
CAF_ADD_TYPE_ID(xprober_common, (xprober::leave_request))
CAF_ADD_TYPE_ID(xprober_common, (xprober::leave_response))
CAF_ADD_TYPE_ID(xprober_common, (xprober::questions_request))
CAF_ADD_TYPE_ID(xprober_common, (xprober::questions_response))
CAF_ADD_TYPE_ID(xprober_common, (xprober::chains_request))
CAF_ADD_TYPE_ID(xprober_common, (xprober::chains_response))
CAF_END_TYPE_ID_BLOCK(xprober_common)
