#pragma once

// The agent's messages and atoms.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <caf/all.hpp>

#include "xprober/actors/messages/common.hpp"
#include "xprober/actors/messages/probe_requests.hpp"
#include "xprober/actors/waiting_outcomes.hpp"
#include "xprober/domain/agent_state.hpp"
#include "xprober/domain/clock.hpp"
#include "xprober/domain/own_fault_watch.hpp"
#include "xprober/domain/probe_result.hpp"
#include "xprober/domain/sent_chain.hpp"
#include "xprober/domain/target.hpp"
#include "xprober/probes/probe_engine.hpp"

namespace xprober {

// -- targets and ticks ----------------------------------------------------------------------------

/// Shared, because a list can be long and several actors look at it.
using shared_list = std::shared_ptr<const target_list>;

/// Begin a probe now. `due` is when it should have begun.
struct tick {
  monotonic_time due{};
};

/// An engine's answer, on its way to the target it belongs to.
struct probe_done {
  std::uint32_t generation = 0; ///< of the probe; an answer to an older one is ignored
  probe_outcome outcome;
  waiting_outcomes::place place{};
};

/// A target list as the syncer hands it to the manager.
struct list_update {
  shared_list targets;     ///< all of them, or what a difference adds; not null
  std::string revision;    ///< empty: from a server without revisions
  bool obey_empty = false; ///< an empty list from a server that knows revisions is obeyed
  shared_list removed =
      nullptr; ///< not null: `targets` and this are a difference to the list at hand
  /// A list that takes away more of the targets is not applied, see list_protection; 100: none is.
  std::uint32_t max_removal_percent = 100;
};

/// How much a list may take away before it was seen twice.
struct list_protection {
  std::uint32_t max_removal_percent = 50; ///< of the targets at hand; 100: as much as it likes
};

/// The modules of the agent's configuration, each with what it is built on, sorted by name.
struct module_list {
  std::vector<prober_name> modules;
};

/// What the manager did with a list.
struct apply_report {
  std::uint64_t added = 0;
  std::uint64_t removed = 0;
  std::uint64_t kept = 0;
  std::uint64_t unknown_type = 0; ///< targets of a type that this agent cannot probe
  std::uint64_t duplicates = 0;   ///< named more than once
  bool ignored = false;           ///< an empty list that was not obeyed
  /// Nothing was done: it would have taken away too much at once, `removed` targets.
  bool held = false;
};

/// Puts a target into the wheel.
struct schedule_target {
  target_index index = 0;
  std::uint64_t phase_hash = 0; ///< `stable_hash` of the uid: decides the phase in the period
};

/// Takes a target out of the wheel.
struct unschedule_target {
  target_index index = 0;
};

/// Time to turn the wheel.
struct wheel_due {
  std::uint64_t generation = 0; ///< of the timer; an older one counts no more
};

/// How long a period of probing is.
struct set_probe_interval {
  nanoseconds length{0};
};

/// A target begins.
struct target_begun {
  target_ref target;
};

/// A target has gone.
struct target_gone {
  target_index index = 0;
};

/// A target actor ended of an error.
struct target_failed {
  target_ref target;
  std::string reason;
};

/// A target that died of an error may come back, if it is wanted still.
struct respawn_target {
  target_ref target;
};

/// Which target's story is wanted.
struct story_query {
  std::uint64_t uid_hash = 0; ///< `stable_hash` of its uid
};

/// What ticks did on one thread since its last report.
struct tick_report {
  std::uint64_t due = 0;
  std::uint64_t late = 0;
  std::uint64_t skipped_busy = 0;     ///< the last probe was still running
  std::uint64_t skipped_behind = 0;   ///< the wheel was a whole period late
  std::uint64_t skipped_overload = 0; ///< too many outcomes waited for `results`
  std::uint64_t repeated = 0;         ///< a shared measurement that was told already: no result
  std::shared_ptr<const histogram> lag_us; ///< null where nothing was measured
};

// -- results and delivery -------------------------------------------------------------------------

/// Results of targets that ran in one go, or of one, in the order in which they came. Not null.
struct result_round {
  std::vector<probe_result_ptr> results;
};

/// Results that are in no batch of the spool yet, oldest first. The same `id` until the spool has
/// it.
struct result_batch {
  std::uint64_t id = 0; ///< 0: nothing is pending
  std::vector<probe_result_ptr> results;
  std::uint64_t pending = 0;   ///< not acknowledged, this batch included
  std::uint64_t dropped = 0;   ///< since the start: the limit was met
  std::uint64_t forgotten = 0; ///< since the start: their target was removed
  bool more = false;           ///< others were left for the next batch
};

/// The certificates of a target, where they are others than before.
struct chain_seen {
  target_ref target;
  sent_chain_ptr chain; ///< null: it shows none any more
  std::string verdict;  ///< see `told_sighting`
};

/// Who takes `chain_seen` and `target_gone` of the results from now on.
struct watch_chains {
  caf::actor watcher;
};

/// How many results are wanted at most.
struct take_results {
  std::uint64_t most = 0;
};

/// Time to push.
struct push_due {
  std::uint64_t generation = 0; ///< of the timer; an older one counts no more
};

/// How long it is from push to push.
struct set_push_interval {
  nanoseconds length{0};
};

/// How a flush ended.
struct flush_report {
  std::uint64_t pushed = 0;  ///< results acknowledged during the flush
  std::uint64_t pending = 0; ///< results that no server took and that end with the process
  std::uint64_t kept = 0;    ///< results in the spool on disk: they are pushed after the next start
};

/// What has changed in the spool since it told last.
struct spool_change {
  std::uint64_t batch = 0; ///< the result_batch that lies in the spool now; 0: none
  std::uint64_t acked = 0;
  std::uint64_t dropped = 0;
  std::uint64_t restored = 0;
};

/// What is in the spool.
struct spool_report {
  std::uint64_t batches = 0;
  std::uint64_t bytes = 0;
  std::uint64_t results = 0;
  std::uint64_t in_memory = 0;  ///< results of them that are not on disk
  std::uint64_t set_aside = 0;  ///< damaged files, since the start
  std::string problem;          ///< why the disk takes nothing; empty: it does
  std::int64_t oldest_unix = 0; ///< when the oldest batch began to wait; 0: there is none
};

/// The oldest batch of the spool, to be pushed.
struct spool_item {
  std::uint64_t id = 0; ///< 0: the spool is empty
  std::uint64_t results = 0;
  std::shared_ptr<const std::string> bytes;
};

/// A server has taken over a batch of the spool.
struct batch_acked {
  std::uint64_t id = 0; ///< of the spool_item
};

/// Time to ask the server for targets.
struct sync_due {
  std::uint64_t generation = 0; ///< of the timer; an older one counts no more
};

/// How long it is from question to question.
struct set_sync_interval {
  nanoseconds length{0};
};

/// A target list as the spool keeps it for a start without a server. Shared: lists can be long.
struct kept_list {
  shared_list targets; ///< null: there is none
  std::string revision{};
};

/// What has changed in the list that the spool keeps.
struct kept_change {
  std::string base; ///< the revision of the list that it is for
  std::string revision;
  shared_list added;
  shared_list removed;
};

/// What keeps this agent from probing, as `self_check` has found it.
struct own_fault_report {
  std::vector<own_fault> faults;
  std::string blocked;     ///< why nothing at all can be probed; empty: something can
  agent_backlog backlog{}; ///< what waits, which is no fault

  bool operator==(const own_fault_report&) const = default;
};

/// What is to be said of the certificate that the agent shows to its server; empty: nothing.
struct certificate_fault_report {
  std::string detail;
};

/// What the server can do, as its last answer said.
struct server_abilities {
  std::uint32_t batch_version = 0; ///< 0: no batches
};

/// Which targets `/targets` lists.
struct target_query {
  std::string state; ///< of target_state_names; "": all
  std::size_t limit = 100;
  target_ref one{}; ///< that target alone; null: all
};

} // namespace xprober

CAF_BEGIN_TYPE_ID_BLOCK(xprober_agent, xprober::first_agent_type_id)
CAF_ADD_ATOM(xprober_agent, xprober, describe_atom, "describe")       // tell your own story
CAF_ADD_ATOM(xprober_agent, xprober, apply_more_atom, "apply_more")   // go on with the list
CAF_ADD_ATOM(xprober_agent, xprober, targets_ended_atom, "all_ended") // no target is left
CAF_ADD_ATOM(xprober_agent, xprober, latest_results_atom, "latest")   // of all targets
CAF_ADD_ATOM(xprober_agent, xprober, list_more_atom, "list_more")     // go on with the listings
CAF_ADD_ATOM(xprober_agent, xprober, oldest_batch_atom, "oldest")     // in the spool
CAF_ADD_ATOM(xprober_agent, xprober, spool_size_atom, "spool_size")   // how much it holds
CAF_ADD_ATOM(xprober_agent, xprober, get_kept_list_atom, "get_kept")  // the spool's target list
CAF_ADD_ATOM(xprober_agent, xprober, use_kept_list_atom, "use_kept")  // the kept list has to do
CAF_ADD_ATOM(xprober_agent, xprober, start_over_atom, "start_over")   // ask for the whole list
CAF_ADD_ATOM(xprober_agent, xprober, is_ready_atom, "is_ready")       // was a list applied?
CAF_ADD_ATOM(xprober_agent, xprober, leave_atom, "leave")             // say goodbye to the server
CAF_ADD_ATOM(xprober_agent, xprober, goodbye_atom, "goodbye")         // what a goodbye says
CAF_ADD_ATOM(xprober_agent, xprober, new_server_atom, "new_server")   // the server is another now
CAF_ADD_ATOM(xprober_agent, xprober, check_atom, "check")             // look for own faults
CAF_ADD_ATOM(xprober_agent, xprober, flush_atom, "flush")             // push all that is pending
CAF_ADD_ATOM(xprober_agent, xprober, drained_atom, "drained")         // no probe is in flight
CAF_ADD_ATOM(xprober_agent, xprober, tell_chains_atom, "tell_chain")  // time to tell the server
CAF_ADD_TYPE_ID(xprober_agent, (xprober::tick))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::probe_done))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::list_update))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::module_list))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::list_protection))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::apply_report))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::schedule_target))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::unschedule_target))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::wheel_due))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::set_probe_interval))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::target_begun))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::target_gone))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::target_failed))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::respawn_target))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::story_query))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::result_round))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::result_batch))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::take_results))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::push_due))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::set_push_interval))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::flush_report))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::spool_change))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::spool_report))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::spool_item))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::batch_acked))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::sync_due))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::set_sync_interval))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::kept_list))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::kept_change))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::server_abilities))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::target_query))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::target_listing))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::target_story))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::tick_report))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::sync_stats))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::push_stats))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::backlog_stats))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::engine_report))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::probe_request_stats))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::probe_question))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::probe_answer_ptr))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::probe_answered))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::probe_modules))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::result_tally))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::own_fault_report))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::certificate_fault_report))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::chain_seen))
CAF_ADD_TYPE_ID(xprober_agent, (xprober::watch_chains))
CAF_END_TYPE_ID_BLOCK(xprober_agent)
