#pragma once

// Every message and atom that actors exchange. Nothing here leaves the process, so the types are
// not inspectable; what travels between machines is in domain/wire.hpp and rpc/.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <caf/all.hpp>

#include "xprober/actors/fwd.hpp"
#include "xprober/actors/journal_messages.hpp"
#include "xprober/actors/probe_requests.hpp"
#include "xprober/actors/snapshot.hpp"
#include "xprober/domain/clock.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/domain/probe_result.hpp"
#include "xprober/domain/targets/discovery_io.hpp"
#include "xprober/domain/wire/wire.hpp"
#include "xprober/probes/probe_engine.hpp"

namespace xprober {

// -- agent: targets and ticks ----------------------------------------------------------------

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
};

/// A target list as the syncer hands it to the manager.
struct list_update {
  shared_list targets;     ///< all of them, or what a difference adds; not null
  std::string revision;    ///< empty: the seed's server
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

/// A target actor ended of an error.
struct target_failed {
  target_ref target;
  std::string reason;
};

// -- agent: results and delivery ----------------------------------------------------------------

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
  std::uint64_t in_memory = 0; ///< results of them that are not on disk
};

/// The oldest batch of the spool, to be pushed.
struct spool_item {
  std::uint64_t id = 0; ///< 0: the spool is empty
  std::uint64_t results = 0;
  std::shared_ptr<const std::string> bytes;
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

/// What the server can do, as its last answer said.
struct server_abilities {
  std::uint32_t batch_version = 0; ///< 0: no batches
};

/// Which targets `/targets` lists.
struct target_query {
  std::string state; ///< "", "ok", "failing"
  std::size_t limit = 100;
};

// -- counters on their way to stats -----------------------------------------------------------

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

/// What ticks did on one thread since its last report.
struct tick_report {
  std::uint64_t due = 0;
  std::uint64_t late = 0;
  std::uint64_t skipped_busy = 0;   ///< the last probe was still running
  std::uint64_t skipped_behind = 0; ///< the wheel was a whole period late
  std::uint64_t repeated = 0;       ///< a shared measurement that was told already: no result
  std::shared_ptr<const histogram> lag_us; ///< null where nothing was measured
};

// -- server -------------------------------------------------------------------------------------

/// An agent asked for its targets.
struct agent_seen {
  agent_identity agent;
  std::string peer; ///< its socket address, for people
};

/// The members of the mesh, whenever they change.
struct mesh_update {
  std::vector<agent_identity> members; ///< sorted by region, then address
};

/// The configured part of all target lists, with names and blocks still as written.
struct pool_config {
  std::vector<target_entry> entries;
  std::uint64_t max_targets = 0;
  bool mesh = true;
  catalog_ptr catalog{}; ///< not null: what the entries stand for together with discovered ones
};

/// Where targets come from.
struct discovery_config {
  pool_config configured; ///< without `catalog`
  std::vector<target_file_source> files;
  std::vector<target_url_source> urls;
};

/// What came of asking a URL.
struct fetched_list {
  std::uint64_t source = 0; ///< its number, which no other source had or will have
  read_text answer;
};

/// What became of a `pool_config`.
struct pool_report {
  std::uint64_t targets = 0; ///< after blocks are expanded, over all regions
  std::string error;         ///< not empty: the configuration was refused and the old one stays
};

/// Shared because every agent of a region gets the same one.
using targets_answer = std::shared_ptr<const get_targets_response>;

/// Targets that no agent probes any more: their series go, and stragglers do not bring them back.
struct forget_targets {
  std::vector<target_uid> targets;
};

/// A batch that was taken over, on its way to the store.
struct batch_delivery {
  std::shared_ptr<const std::string> body;
  std::uint32_t rows = 0;
  nanoseconds age{0}; ///< since it came, for one that is replayed
};

/// What is in the store: see snapshot.hpp.
using store_view = std::shared_ptr<const store_snapshot>;

} // namespace xprober

CAF_BEGIN_TYPE_ID_BLOCK(xprober, caf::first_custom_type_id)
CAF_ADD_ATOM(xprober, xprober, sync_atom, "sync")         // time to ask the server for targets
CAF_ADD_ATOM(xprober, xprober, push_atom, "push")         // time to push a batch
CAF_ADD_ATOM(xprober, xprober, advance_atom, "advance")   // time to turn a wheel
CAF_ADD_ATOM(xprober, xprober, expire_atom, "expire")     // time to drop what is too old
CAF_ADD_ATOM(xprober, xprober, respawn_atom, "respawn")   // time to bring a dead target back
CAF_ADD_ATOM(xprober, xprober, take_atom, "take")         // hand over a batch
CAF_ADD_ATOM(xprober, xprober, ack_atom, "ack")           // a batch has arrived
CAF_ADD_ATOM(xprober, xprober, forget_atom, "forget")     // a target has gone
CAF_ADD_ATOM(xprober, xprober, find_atom, "find")         // one item by its key
CAF_ADD_ATOM(xprober, xprober, list_atom, "list")         // many items
CAF_ADD_ATOM(xprober, xprober, describe_atom, "describe") // tell your own story
CAF_ADD_ATOM(xprober, xprober, snapshot_atom, "snapshot") // a copy of the whole state
CAF_ADD_ATOM(xprober, xprober, interval_atom, "interval") // a period has a new length
CAF_ADD_ATOM(xprober, xprober, flush_atom, "flush")       // push all that is pending
CAF_ADD_ATOM(xprober, xprober, stop_atom, "stop")         // end in order
CAF_ADD_ATOM(xprober, xprober, done_atom, "done")         // that is done
CAF_ADD_ATOM(xprober, xprober, poll_atom, "poll")         // look whether it is done
CAF_ADD_ATOM(xprober, xprober, report_atom, "report")     // tell stats what it has not heard yet
CAF_ADD_ATOM(xprober, xprober, prepare_atom, "prepare")   // a reload: check, and change nothing yet
CAF_ADD_ATOM(xprober, xprober, commit_atom, "commit")     // a reload: what was prepared is in force
CAF_ADD_ATOM(xprober, xprober, abandon_atom, "abandon")   // a reload: forget what was prepared
CAF_ADD_TYPE_ID(xprober, (xprober::tick))
CAF_ADD_TYPE_ID(xprober, (xprober::probe_done))
CAF_ADD_TYPE_ID(xprober, (xprober::list_update))
CAF_ADD_TYPE_ID(xprober, (xprober::module_list))
CAF_ADD_TYPE_ID(xprober, (xprober::apply_report))
CAF_ADD_TYPE_ID(xprober, (xprober::schedule_target))
CAF_ADD_TYPE_ID(xprober, (xprober::result_batch))
CAF_ADD_TYPE_ID(xprober, (xprober::flush_report))
CAF_ADD_TYPE_ID(xprober, (xprober::target_query))
CAF_ADD_TYPE_ID(xprober, (xprober::target_listing))
CAF_ADD_TYPE_ID(xprober, (xprober::target_story))
CAF_ADD_TYPE_ID(xprober, (xprober::probe_result_ptr))
CAF_ADD_TYPE_ID(xprober, (xprober::target_ref))
CAF_ADD_TYPE_ID(xprober, (xprober::target_failed))
CAF_ADD_TYPE_ID(xprober, (xprober::handler_report))
CAF_ADD_TYPE_ID(xprober, (xprober::lifecycle_report))
CAF_ADD_TYPE_ID(xprober, (xprober::tick_report))
CAF_ADD_TYPE_ID(xprober, (xprober::sync_stats))
CAF_ADD_TYPE_ID(xprober, (xprober::push_stats))
CAF_ADD_TYPE_ID(xprober, (xprober::backlog_stats))
CAF_ADD_TYPE_ID(xprober, (xprober::target_stats))
CAF_ADD_TYPE_ID(xprober, (xprober::ingest_stats))
CAF_ADD_TYPE_ID(xprober, (xprober::icmp_counters))
CAF_ADD_TYPE_ID(xprober, (xprober::http_counters))
CAF_ADD_TYPE_ID(xprober, (xprober::stats_snapshot))
CAF_ADD_TYPE_ID(xprober, (xprober::get_targets_request))
CAF_ADD_TYPE_ID(xprober, (xprober::get_targets_response))
CAF_ADD_TYPE_ID(xprober, (xprober::push_request))
CAF_ADD_TYPE_ID(xprober, (xprober::push_response))
CAF_ADD_TYPE_ID(xprober, (xprober::agent_seen))
CAF_ADD_TYPE_ID(xprober, (xprober::agent_listing))
CAF_ADD_TYPE_ID(xprober, (xprober::mesh_update))
CAF_ADD_TYPE_ID(xprober, (xprober::pool_config))
CAF_ADD_TYPE_ID(xprober, (xprober::pool_report))
CAF_ADD_TYPE_ID(xprober, (xprober::targets_answer))
CAF_ADD_TYPE_ID(xprober, (xprober::forget_targets))
CAF_ADD_TYPE_ID(xprober, (xprober::spool_change))
CAF_ADD_TYPE_ID(xprober, (xprober::spool_report))
CAF_ADD_TYPE_ID(xprober, (xprober::spool_item))
CAF_ADD_TYPE_ID(xprober, (xprober::kept_list))
CAF_ADD_TYPE_ID(xprober, (xprober::kept_change))
CAF_ADD_TYPE_ID(xprober, (xprober::list_protection))
CAF_ADD_TYPE_ID(xprober, (xprober::server_abilities))
CAF_ADD_TYPE_ID(xprober, (xprober::batch_delivery))
CAF_ADD_TYPE_ID(xprober, (xprober::push_batch_request))
CAF_ADD_TYPE_ID(xprober, (xprober::push_batch_response))
CAF_ADD_TYPE_ID(xprober, (xprober::journal_stats))
CAF_ADD_TYPE_ID(xprober, (xprober::store_view))
CAF_ADD_TYPE_ID(xprober, (xprober::probe_question))
CAF_ADD_TYPE_ID(xprober, (xprober::probe_answer_ptr))
CAF_ADD_TYPE_ID(xprober, (xprober::probe_answered))
CAF_ADD_TYPE_ID(xprober, (xprober::probe_modules))
CAF_ADD_TYPE_ID(xprober, (xprober::probe_request_stats))
CAF_ADD_TYPE_ID(xprober, (xprober::discovery_config))
CAF_ADD_TYPE_ID(xprober, (xprober::fetched_list))
CAF_ADD_TYPE_ID(xprober, (xprober::discovery_stats))
CAF_ADD_TYPE_ID(xprober, (xprober::target_labels_ptr))
CAF_ADD_TYPE_ID(xprober, (xprober::journal_readers))
CAF_ADD_TYPE_ID(xprober, (xprober::reader_begin))
CAF_ADD_TYPE_ID(xprober, (xprober::reader_place))
CAF_ADD_TYPE_ID(xprober, (xprober::read_request))
CAF_ADD_TYPE_ID(xprober, (xprober::journal_page))
CAF_ADD_TYPE_ID(xprober, (xprober::reader_progress))
CAF_ADD_TYPE_ID(xprober, (xprober::series_ended))
CAF_ADD_TYPE_ID(xprober, (xprober::watch_series))
CAF_ADD_TYPE_ID(xprober, (xprober::receiver_report))
CAF_ADD_TYPE_ID(xprober, (xprober::reader_start))
CAF_ADD_TYPE_ID(xprober, (xprober::agent_clock))
CAF_ADD_TYPE_ID(xprober, (xprober::history_query))
CAF_ADD_TYPE_ID(xprober, (xprober::history_answer))
CAF_ADD_TYPE_ID(xprober, (xprober::history_stats))
CAF_ADD_TYPE_ID(xprober, (xprober::history_config))
CAF_END_TYPE_ID_BLOCK(xprober)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::probe_done)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::list_update)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::module_list)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::apply_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::schedule_target)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::result_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::flush_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::target_query)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::target_listing)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::target_story)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::probe_result_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::target_ref)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::target_failed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::handler_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::lifecycle_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::tick_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::sync_stats)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::push_stats)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::backlog_stats)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::target_stats)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::ingest_stats)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::icmp_counters)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::http_counters)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::stats_snapshot)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::get_targets_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::get_targets_response)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::push_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::push_response)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::agent_seen)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::agent_listing)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::mesh_update)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::pool_config)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::pool_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::targets_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::forget_targets)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::store_view)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::probe_question)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::probe_answer_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::probe_answered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::probe_modules)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::probe_request_stats)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::spool_change)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::spool_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::spool_item)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::kept_list)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::kept_change)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::list_protection)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::server_abilities)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::batch_delivery)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::push_batch_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::push_batch_response)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::journal_stats)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::discovery_config)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::fetched_list)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::discovery_stats)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::target_labels_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::journal_readers)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::reader_begin)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::reader_place)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::read_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::journal_page)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::reader_progress)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::series_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::watch_series)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::receiver_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::reader_start)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::agent_clock)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::history_query)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::history_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::history_stats)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::history_config)
