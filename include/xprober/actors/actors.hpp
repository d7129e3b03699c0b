#pragma once

// The protocol of the system: every actor's interface, one line of comment for each signature.
// INTERNAL: an actor sends it to itself. Those of certificates are in chain_actors.hpp.

#include "xprober/actors/health_actor.hpp"
#include "xprober/actors/messages/agent.hpp"
#include "xprober/actors/messages/common.hpp"
#include "xprober/actors/messages/server.hpp"

namespace xprober {

using caf::reacts_to, caf::replies_to;

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
    // one port that is listened on, and what all do for want of memory
    reacts_to<port_counters>, reacts_to<memory_stats>,
    // one receiver of remote write, one of alerts
    reacts_to<receiver_report>, reacts_to<notify_report>,
    // the history, the incidents, the certificates
    reacts_to<history_stats>, reacts_to<incident_stats>, reacts_to<chain_counts>,
    // number of agents that the registry knows
    reacts_to<registry_stats>,
    // what its sender warns of at present
    reacts_to<warnings_report>,
    // what an agent's results say of the prober itself
    reacts_to<result_tally>,
    // what keeps an agent from probing
    reacts_to<own_fault_report>,
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
    // targets have results
    reacts_to<result_round>,
    // a target begins: it is listed as waiting; one has gone: so have its results
    reacts_to<target_begun>, reacts_to<target_gone>,
    // pending results, oldest first; the same batch until the spool has it
    replies_to<take_results>::with<result_batch>,
    // a batch lies in the spool, or others have left it
    reacts_to<spool_change>,
    // who is told which certificates targets show
    reacts_to<watch_chains>,
    // for /targets
    replies_to<target_query>::with<target_listing>,
    // for /metrics with a row for each target: every latest result
    replies_to<latest_results_atom>::with<target_listing>,
    // tell stats what has changed, now; answers when it was sent
    replies_to<report_atom>::with<done_atom>,
    // INTERNAL: tell stats what has changed, and go on with long lists
    reacts_to<report_due_atom>, reacts_to<list_more_atom>>;

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
    replies_to<push_batch_request>::with<push_batch_response>,
    // Server.Leave
    replies_to<leave_request>::with<leave_response>,
    // Server.Questions, Server.Chains
    replies_to<questions_request>::with<questions_response>,
    replies_to<chains_request>::with<chains_response>>;

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
    replies_to<get_kept_list_atom>::with<kept_list>,
    // another server takes over: number new batches anew, and forget whose revision the list has
    replies_to<new_server_atom>::with<done_atom>>;

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
    // what the server is to be told of this agent
    reacts_to<own_fault_report>, reacts_to<set_probe_interval>,
    // true once a list was applied, for /-/ready
    replies_to<is_ready_atom>::with<bool>,
    // say goodbye to the server; answers when it has heard it, or does not
    replies_to<leave_atom>::with<done_atom>,
    // what a goodbye of this process says
    replies_to<goodbye_atom>::with<leave_request>,
    // another server takes over: what the old one still answers counts no more, and nobody is
    // asked before start_over_atom, or for ten seconds
    replies_to<new_server_atom>::with<done_atom>,
    // ask no more
    replies_to<stop_atom>::with<done_atom>>;

/// Looks at what stats knows for what keeps this agent from probing.
using self_check_actor = caf::typed_actor<
    // INTERNAL: time to look
    reacts_to<check_atom>,
    // the period of probing has a new length
    reacts_to<set_probe_interval>,
    // a certificate cannot be renewed, or can again
    reacts_to<certificate_fault_report>>;

/// Puts results into the spool, and pushes the spool's batches, oldest first.
using pusher_actor = caf::typed_actor<
    // INTERNAL: time to push
    reacts_to<push_due>,
    // the interval has a new length
    reacts_to<set_push_interval>,
    // the server has answered the syncer
    reacts_to<server_abilities>,
    // another server takes over: push nothing more before it has said what it takes
    replies_to<new_server_atom>::with<done_atom>,
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
    // agents can ask from now on: the leases of those of before the start count from here
    reacts_to<serving_atom>,
    // INTERNAL: look at the leases
    reacts_to<expire_leases_atom>,
    // INTERNAL: the burst of changes is over: tell the target pool and stats
    reacts_to<tell_mesh_atom>,
    // the lease has a new length
    reacts_to<set_mesh_lease>,
    // an agent's batch has come, and what it says of its clock
    reacts_to<agent_clock>,
    // how far an agent has come that delivers what it could not before
    reacts_to<agent_delivery>,
    // an agent has sent what cannot be, or too much
    reacts_to<agent_lapse>,
    // an agent says goodbye; false: it was not known
    replies_to<agent_gone>::with<bool>,
    // an operator retires one; false: there is none of that name
    replies_to<retire_agent>::with<bool>,
    // how long a lost one is kept
    reacts_to<set_mesh_forget>,
    // who may enter the mesh
    reacts_to<set_mesh_gate>,
    // who is told of all agents: now, and whenever they change
    reacts_to<watch_agents>,
    // for /api/v1/agents
    replies_to<get_agents_atom>::with<agent_listing>>;

/// Keeps the agents on disk for the time after a restart. Blocks: it has a thread of its own.
using agent_keeper_actor = caf::typed_actor<
    // the registry: agents have changed
    reacts_to<keep_agents>,
    // INTERNAL: try whether the disk works again
    reacts_to<retry_atom>>;

/// Composes the target list of each region, with a revision, and keeps what is asked of agents.
using target_pool_actor = caf::typed_actor<
    // Server.GetProberTargets
    replies_to<get_targets_request>::with<targets_answer>,
    // Server.Questions
    replies_to<questions_request>::with<questions_response>,
    // somebody asks an agent; answered when it has answered
    replies_to<ask_agent>::with<agent_answer>,
    // the mesh has changed
    reacts_to<mesh_update>,
    // the configuration was read (again), or discovered targets have changed
    replies_to<pool_config>::with<pool_report>,
    // the labels of all targets; null: there are none. An error until targets were read
    replies_to<get_labels_atom>::with<target_labels_ptr>,
    // who takes target_labels_ptr: now, and whenever they change
    reacts_to<watch_labels>,
    // who takes targets_entered: now, if there are any, and whenever they or those who ask change
    reacts_to<watch_entered>>;

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

/// Takes batches over: once, and on disk before they are acknowledged. Blocks: has its own thread.
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
    // what agents may cause
    reacts_to<limits_config>,
    // while memory is short batches are refused
    reacts_to<memory_strain>,
    // the target pool: the targets that there are
    reacts_to<targets_entered>,
    // why batches are refused now; empty: they are taken
    replies_to<get_problem_atom>::with<std::string>,
    // INTERNAL: try whether the disk works again
    reacts_to<retry_atom>,
    // INTERNAL: drop what is too old
    reacts_to<prune_atom>,
    // INTERNAL: go on putting what was there at the start into the store
    reacts_to<replay_atom>>;

/// Roll-ups of what was measured, on disk: reads the journal. Blocks: it has a thread of its own.
using history_actor = caf::typed_actor<
    // for /api/v1/history
    replies_to<history_query>::with<history_answer>,
    // for /metrics and remote write: distributions since the start
    replies_to<histograms_atom>::with<histogram_list>,
    // targets that something is wrong with: keep them by themselves
    reacts_to<watch_targets>,
    // the configuration was read again
    reacts_to<history_config>,
    // INTERNAL: write to disk
    reacts_to<write_atom>,
    // INTERNAL: go on reading the journal
    reacts_to<read_on_atom>>;

/// What is wrong, since when, with whom: makes verdicts of the states of all series, keeps
/// incidents, and the queue of what receivers are to be told. Blocks: it has a thread of its own.
using incidents_actor = caf::typed_actor<
    // the store: series have other states; answered when it is taken, and then comes the next one
    replies_to<series_changes_ptr>::with<done_atom>,
    // the registry: agents have other states
    reacts_to<agent_listing_ptr>,
    // the target pool: labels of targets
    reacts_to<target_labels_ptr>,
    // the configuration was read (again)
    reacts_to<incident_rules>,
    // INTERNAL: make verdicts
    reacts_to<look_atom>,
    // INTERNAL: look at certificates
    reacts_to<certificates_atom>,
    // INTERNAL: forget old incidents
    reacts_to<prune_atom>,
    // tell stats what has changed, now; answers when it was sent
    replies_to<report_atom>::with<done_atom>,
    // what a receiver is to be told next
    replies_to<notice_request>::with<notice_list>,
    // it was told
    replies_to<notices_told>::with<done_atom>,
    // all that are open, as they are now
    replies_to<open_incidents_atom>::with<incident_list>,
    // for /api/v1/incidents
    replies_to<incident_request>::with<incident_answer>,
    // for /api/v1/incidents/{id}: null where there is none
    replies_to<incident_by_id>::with<incident_ptr>,
    // somebody looks after it: null where none of that id is open
    replies_to<acknowledge_incident>::with<incident_ptr>,
    // for /api/v1/mutes
    replies_to<get_mutes_atom>::with<mute_list>,
    // an error where the mute is wrong
    replies_to<add_mute>::with<mute_added>,
    // false: there is none of that number
    replies_to<remove_mute>::with<bool>>;

/// What has changed lately, for those who follow `/api/v1/events`.
using events_actor = caf::typed_actor<
    // an incident, an agent or the counts of states: it is told
    reacts_to<event_record>,
    // what came behind an event; waits where there is nothing yet
    replies_to<event_request>::with<event_page_ptr>,
    // INTERNAL: answer those who have waited long enough
    reacts_to<answer_atom>,
    // INTERNAL: tell counts that were held back
    reacts_to<tell_counts_atom>>;

/// The latest results, and their aggregates.
using store_actor = caf::typed_actor<
    // Server.PushProberResults
    replies_to<push_request>::with<push_response>,
    // a batch that the journal has taken over; answers with the number of its values taken
    replies_to<batch_delivery>::with<push_response>,
    // who is told of series that have ended
    reacts_to<watch_series>,
    // who is told of series that have another state
    reacts_to<watch_states>,
    // INTERNAL: tell them
    reacts_to<tell_states_atom>,
    // agents that are no more: their series go; that are there (again): they are waited for
    reacts_to<forget_agents>, reacts_to<welcome_agents>,
    // targets that nobody probes any more
    reacts_to<forget_targets>,
    // targets that somebody probes (again): their results are welcome
    reacts_to<welcome_targets>,
    // all that is wanted, and whence: what has no result of it is told as such
    reacts_to<wanted_targets_ptr>,
    // what is to be remembered of series over a restart
    replies_to<kept_states_request>::with<kept_page>,
    // what was remembered, before anything else comes
    reacts_to<kept_states>,
    // results older than this are dropped
    reacts_to<set_result_ttl>,
    // INTERNAL: drop what is too old, and go on with pages of rows
    reacts_to<expire_atom>, reacts_to<page_more_atom>,
    // INTERNAL: time to tell stats what has changed
    reacts_to<report_due_atom>,
    // tell stats what has changed, now; answers when it was sent
    replies_to<report_atom>::with<done_atom>,
    // certificates that end soon
    replies_to<certificate_request>::with<certificate_list>,
    // aggregates, and every target's values if they are asked for
    replies_to<store_query>::with<store_view>>;

/// Keeps what is to be remembered of series over a restart, on disk: asks the store for it every
/// minute and at the end. Blocks: it has a thread of its own.
using series_keeper_actor = caf::typed_actor<
    // give the store what was kept, and begin; answers when that comes before all that is sent to
    // the store from then on
    replies_to<restore_atom>::with<done_atom>,
    // INTERNAL: time to keep it
    reacts_to<keep_due_atom>,
    // keep it for the last time; answers when it is on disk, or cannot be
    replies_to<stop_atom>::with<done_atom>>;

} // namespace xprober
