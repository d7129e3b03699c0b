#pragma once

// The protocol of the system: every actor's interface, one line of comment for each signature.
// INTERNAL: an actor sends it to itself.

#include "xprober/actors/messages/agent.hpp"
#include "xprober/actors/messages/common.hpp"
#include "xprober/actors/messages/server.hpp"

namespace xprober {

using caf::reacts_to;
using caf::replies_to;

// -- both ---------------------------------------------------------------------------------------

/// Keeps the counters of all others. They tell it; before a snapshot it asks those that tell it
/// only now and then.
using stats_actor = caf::typed_actor<
    // what the handlers of a kind did
    reacts_to<handler_report>,
    // actors that came and went
    reacts_to<lifecycle_report>,
    // what ticks did
    reacts_to<tick_report>,
    // an engine's counters since its start
    reacts_to<engine_report>,
    // whole sections, each from its owner
    reacts_to<sync_stats>, reacts_to<push_stats>, reacts_to<backlog_stats>, reacts_to<target_stats>,
    reacts_to<ingest_stats>, reacts_to<journal_stats>, reacts_to<probe_request_stats>,
    reacts_to<discovery_stats>, reacts_to<rpc_stats>,
    // one receiver of remote write
    reacts_to<receiver_report>,
    // the history
    reacts_to<history_stats>,
    // number of agents that the registry knows
    reacts_to<registry_stats>,
    // what its sender warns of at present
    reacts_to<warnings_report>,
    // this actor takes report_atom: it is asked before a snapshot
    reacts_to<stats_reporter>,
    // everything, for /stats and /metrics
    replies_to<get_stats_atom>::with<stats_snapshot>>;

// -- agent --------------------------------------------------------------------------------------

/// One target. Probes on every tick, unless the last probe is still running.
using target_actor = caf::typed_actor<
    // begin a probe
    reacts_to<tick>,
    // INTERNAL: the engine has an answer
    reacts_to<probe_done>,
    // for /targets/{uid}
    replies_to<describe_atom>::with<target_story>>;

/// The wheel: ticks every target once in a period.
using ticker_actor = caf::typed_actor<
    // a target begins
    reacts_to<schedule_target, target_actor>,
    // a target has gone
    reacts_to<unschedule_target>,
    // the period has a new length
    reacts_to<set_probe_interval>,
    // INTERNAL: the next slot is due
    reacts_to<wheel_due>,
    // tick no more
    replies_to<stop_atom>::with<done_atom>>;

/// The latest result of each target, and what is not yet acknowledged.
using results_actor = caf::typed_actor<
    // a target has a result
    reacts_to<probe_result_ptr>,
    // a target begins: it is listed as waiting
    reacts_to<target_begun>,
    // a target has gone: so have its results
    reacts_to<target_gone>,
    // pending results, oldest first; the same batch until the spool has it
    replies_to<take_results>::with<result_batch>,
    // a batch lies in the spool, or others have left it
    reacts_to<spool_change>,
    // for /targets
    replies_to<target_query>::with<target_listing>,
    // for /metrics with a row for each target: every latest result
    replies_to<latest_results_atom>::with<target_listing>,
    // tell stats what has changed, now; answers when it was sent
    replies_to<report_atom>::with<done_atom>,
    // INTERNAL: time to tell stats what has changed
    reacts_to<report_due_atom>>;

/// The only list of targets: spawns and kills target actors.
using target_manager_actor = caf::typed_actor<
    // obey a list
    replies_to<list_update>::with<apply_report>,
    // the configuration has other modules: targets of those that are gone go, too
    reacts_to<module_list>,
    // for /targets/{uid}
    replies_to<story_query>::with<target_story>,
    // a target died of an error
    reacts_to<target_failed>,
    // INTERNAL: a target that died of an error may come back
    reacts_to<respawn_target>,
    // INTERNAL: go on with the list being applied
    reacts_to<apply_more_atom>,
    // kill all targets; answers when the last of them has ended
    replies_to<stop_atom>::with<done_atom>,
    // INTERNAL: the last target has ended
    reacts_to<targets_ended_atom>>;

/// Probes what is on no list, when somebody asks for it: `/probe`.
using prober_actor = caf::typed_actor<
    // probe this once
    replies_to<probe_question>::with<probe_answer_ptr>,
    // INTERNAL: an engine has an answer
    reacts_to<probe_answered>,
    // the configuration was read again
    reacts_to<probe_modules>,
    // let the engines tell their counters, now; answers when all have
    replies_to<report_atom>::with<done_atom>,
    // INTERNAL: one has; the number is that of the request
    reacts_to<done_atom, std::uint64_t>,
    // begin no more
    reacts_to<stop_atom>>;

/// The connection to the server, whichever transport it has.
using rpc_client_actor = caf::typed_actor<
    // Server.GetProberTargets
    replies_to<get_targets_request>::with<get_targets_response>,
    // Server.PushProberResults
    replies_to<push_request>::with<push_response>,
    // Server.PushBatch
    replies_to<push_batch_request>::with<push_batch_response>>;

/// Batches that wait for a server, on disk. Blocks: it has a thread of its own.
using spool_actor = caf::typed_actor<
    // keep these results, as batches; the same ones again are kept once
    replies_to<result_batch>::with<spool_report>,
    // the oldest batch; the same until it is acknowledged
    replies_to<oldest_batch_atom>::with<spool_item>,
    // a server has taken over a batch
    replies_to<batch_acked>::with<spool_report>,
    // how much it holds
    replies_to<spool_size_atom>::with<spool_report>,
    // keep this target list for a start without a server
    reacts_to<kept_list>,
    // keep what has changed in it; false: it is not what was kept that has changed
    replies_to<kept_change>::with<bool>,
    // the target list that was kept last
    replies_to<get_kept_list_atom>::with<kept_list>>;

/// Asks the server for targets.
using syncer_actor = caf::typed_actor<
    // INTERNAL: time to ask
    reacts_to<sync_due>,
    // forget what list there is, and ask for the whole one now: it means something else
    reacts_to<start_over_atom>,
    // INTERNAL: no answer yet: the kept list has to do
    reacts_to<use_kept_list_atom>,
    // the interval has a new length
    reacts_to<set_sync_interval>,
    // lists may take away so much
    reacts_to<list_protection>,
    // true once a list was applied, for /-/ready
    replies_to<is_ready_atom>::with<bool>,
    // ask no more
    replies_to<stop_atom>::with<done_atom>>;

/// Puts results into the spool, and pushes the spool's batches, oldest first.
using pusher_actor = caf::typed_actor<
    // INTERNAL: time to push
    reacts_to<push_due>,
    // the interval has a new length
    reacts_to<set_push_interval>,
    // the server has answered the syncer
    reacts_to<server_abilities>,
    // push until nothing is pending or the server does not take it
    replies_to<flush_atom>::with<flush_report>>;

/// Ends everything in order.
using terminator_actor = caf::typed_actor<
    // stop ticking, let probes end, flush, quit: answers when done or when time is up
    replies_to<stop_atom>::with<flush_report>,
    // INTERNAL: no probe is in flight any more, or they have had their time
    reacts_to<drained_atom>>;

// -- server -------------------------------------------------------------------------------------

/// The agents that have been seen, each with a lease.
using registry_actor = caf::typed_actor<
    // an agent asked for its targets
    reacts_to<agent_seen>,
    // INTERNAL: drop members whose lease is over
    reacts_to<expire_leases_atom>,
    // INTERNAL: the burst of changes is over: tell the target pool and stats
    reacts_to<tell_mesh_atom>,
    // the lease has a new length
    reacts_to<set_mesh_lease>,
    // what an agent's batches say of its clock
    reacts_to<agent_clock>,
    // for /api/v1/agents
    replies_to<get_agents_atom>::with<agent_listing>>;

/// Composes the target list of each region, with a revision.
using target_pool_actor = caf::typed_actor<
    // Server.GetProberTargets
    replies_to<get_targets_request>::with<targets_answer>,
    // the mesh has changed
    reacts_to<mesh_update>,
    // the configuration was read (again), or discovered targets have changed
    replies_to<pool_config>::with<pool_report>,
    // the labels of all targets; null: there are none. An error until targets were read
    replies_to<get_labels_atom>::with<target_labels_ptr>,
    // who takes target_labels_ptr: now, and whenever they change
    reacts_to<watch_labels>>;

/// Owns the last good list of each file and URL, and says to the target pool what they come to
/// together with the configured targets. Blocks: it has a thread of its own.
using discovery_actor = caf::typed_actor<
    // the configuration was read (again): judge it against the lists at hand. Nothing changes, and
    // what comes meanwhile waits, until commit_atom or abandon_atom follows
    replies_to<prepare_atom, discovery_config>::with<pool_report>,
    // put into force what was prepared; answers when the files were read and the pool has it
    replies_to<commit_atom>::with<pool_report>,
    // somebody else has refused the configuration
    reacts_to<abandon_atom>,
    // INTERNAL: something has changed in a folder
    reacts_to<folder_changed_atom>,
    // INTERNAL: time to look at the files
    reacts_to<rescan_due>,
    // INTERNAL: time to ask a source
    reacts_to<source_due>,
    // INTERNAL: it has answered, or not
    reacts_to<fetched_list>,
    // INTERNAL: what has no list yet is not waited for any longer
    reacts_to<wait_over_atom>>;

/// Takes batches over: once, and on disk before they are acknowledged. Blocks: it has a thread of
/// its own.
using journal_actor = caf::typed_actor<
    // Server.PushBatch
    replies_to<push_batch_request>::with<push_batch_response>,
    // Server.PushProberResults: kept where there are readers, then as the store answers
    replies_to<push_request>::with<push_response>,
    // who is going to read: keep the positions of new readers. Nothing else changes until
    // commit_atom or abandon_atom follows
    replies_to<prepare_atom, journal_readers>::with<done_atom>,
    // those that were prepared are the readers now
    replies_to<commit_atom>::with<done_atom>,
    // they are not going to read after all
    reacts_to<abandon_atom>,
    // where a reader goes on
    replies_to<reader_begin>::with<reader_start>,
    // the next records for a reader
    replies_to<read_request>::with<journal_page>,
    // a reader has dealt with more
    replies_to<reader_progress>::with<done_atom>,
    // the store has let go of series
    reacts_to<series_ended>,
    // answers when what was there at the start is in the store
    replies_to<await_replay_atom>::with<done_atom>,
    // batches older than this are dropped
    reacts_to<set_result_ttl>,
    // why batches are refused now; empty: they are taken
    replies_to<get_problem_atom>::with<std::string>,
    // INTERNAL: try whether the disk works again
    reacts_to<retry_atom>,
    // INTERNAL: drop what is too old
    reacts_to<prune_atom>,
    // INTERNAL: go on putting what was there at the start into the store
    reacts_to<replay_atom>>;

/// Roll-ups of what was measured, on disk: a reader of the journal. Blocks: it has a thread of its
/// own.
using history_actor = caf::typed_actor<
    // for /api/v1/history
    replies_to<history_query>::with<history_answer>,
    // the configuration was read again
    reacts_to<history_config>,
    // INTERNAL: write to disk
    reacts_to<write_atom>,
    // INTERNAL: go on reading the journal
    reacts_to<read_on_atom>>;

/// The latest results, and their aggregates.
using store_actor = caf::typed_actor<
    // Server.PushProberResults
    replies_to<push_request>::with<push_response>,
    // a batch that the journal has taken over; answers with the number of its values taken
    replies_to<batch_delivery>::with<push_response>,
    // who is told of series that have ended
    reacts_to<watch_series>,
    // targets that nobody probes any more
    reacts_to<forget_targets>,
    // targets that somebody probes (again): their results are welcome
    reacts_to<welcome_targets>,
    // results older than this are dropped
    reacts_to<set_result_ttl>,
    // INTERNAL: drop what is too old
    reacts_to<expire_atom>,
    // INTERNAL: time to tell stats what has changed
    reacts_to<report_due_atom>,
    // tell stats what has changed, now; answers when it was sent
    replies_to<report_atom>::with<done_atom>,
    // aggregates, and every target's values if they are asked for
    replies_to<store_query>::with<store_view>>;

} // namespace xprober
