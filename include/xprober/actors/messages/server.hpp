#pragma once

// The server's messages and atoms.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <caf/all.hpp>

#include "xprober/actors/messages/common.hpp"
#include "xprober/actors/messages/journal.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/domain/history/history.hpp"
#include "xprober/domain/targets/discovery_io.hpp"
#include "xprober/domain/wire/wire.hpp"

namespace xprober {

// -- agents and what they probe -------------------------------------------------------------------

/// An agent asked for its targets.
struct agent_seen {
  agent_identity agent;
  std::string peer;    ///< its socket address, for people
  std::string process; ///< see `caller`
};

/// An agent's clock, as the journal sees it in batches.
struct agent_clock {
  agent_identity agent;
  std::int64_t skew_ms = 0; ///< positive: it is ahead of this server's
};

/// How long an agent is a member after it has asked last.
struct set_mesh_lease {
  nanoseconds length{0};
};

/// What the registry tells stats whenever it has changed.
struct registry_stats {
  std::uint64_t agents = 0; ///< members with a lease
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

/// Time to ask a URL.
struct source_due {
  std::uint64_t source = 0; ///< its number, which no other source had or will have
};

/// Time to look at the files.
struct rescan_due {
  std::uint64_t generation = 0; ///< of the timer; an older one counts no more
};

/// What came of asking a URL.
struct fetched_list {
  std::uint64_t source = 0; ///< see source_due
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

/// Targets that somebody probes, maybe again: their results are welcome.
struct welcome_targets {
  std::vector<target_uid> targets;
};

/// Who is told the labels of all targets, as a target_labels_ptr.
struct watch_labels {
  caf::actor listener;
};

// -- what was measured ----------------------------------------------------------------------------

/// A batch that was taken over, on its way to the store.
struct batch_delivery {
  std::shared_ptr<const std::string> body;
  std::uint32_t rows = 0;
  nanoseconds age{0}; ///< since it came, for one that is replayed
};

/// Results older than this are dropped.
struct set_result_ttl {
  nanoseconds length{0};
};

/// What is wanted of the store.
struct store_query {
  bool with_targets = false; ///< every target's values, too
};

/// What is in the store: see snapshot.hpp.
using store_view = std::shared_ptr<const store_snapshot>;

/// A question for `/api/v1/history`.
struct history_query {
  history_subject subject;
  history_range range;
};

/// The answer: buckets without a result are left out.
struct history_series {
  history_plan plan;
  std::string unavailable;               ///< not empty: the history cannot be read now, and why
  std::vector<std::string> phases;       ///< what those of `points` are called, in their order
  std::map<std::int64_t, rollup> points; ///< by the beginning, Unix seconds
};
using history_answer = std::shared_ptr<const history_series>;

/// How a receiver of remote write is doing.
struct receiver_report {
  std::string name;
  bool gone = false; ///< it is not configured any more
  receiver_stats stats;
};

} // namespace xprober

CAF_BEGIN_TYPE_ID_BLOCK(xprober_server, xprober::first_server_type_id)
CAF_ADD_ATOM(xprober_server, xprober, expire_leases_atom, "exp_leases") // drop who asks no more
CAF_ADD_ATOM(xprober_server, xprober, tell_mesh_atom, "tell_mesh")      // the changes are over
CAF_ADD_ATOM(xprober_server, xprober, get_agents_atom, "get_agents")    // all that are known
CAF_ADD_ATOM(xprober_server, xprober, get_labels_atom, "get_labels")    // of all targets
CAF_ADD_ATOM(xprober_server, xprober, folder_changed_atom, "folder")    // look at the files
CAF_ADD_ATOM(xprober_server, xprober, wait_over_atom, "wait_over")      // begin without all lists
CAF_ADD_ATOM(xprober_server, xprober, prepare_atom, "prepare")          // check, change nothing yet
CAF_ADD_ATOM(xprober_server, xprober, commit_atom, "commit")            // put it into force
CAF_ADD_ATOM(xprober_server, xprober, abandon_atom, "abandon")          // forget what was prepared
CAF_ADD_ATOM(xprober_server, xprober, await_replay_atom, "await")       // answered at its end
CAF_ADD_ATOM(xprober_server, xprober, replay_atom, "replay")            // go on with the replay
CAF_ADD_ATOM(xprober_server, xprober, get_problem_atom, "problem")      // why nothing is taken
CAF_ADD_ATOM(xprober_server, xprober, retry_atom, "retry")              // does the disk work again
CAF_ADD_ATOM(xprober_server, xprober, prune_atom, "prune")              // drop old records
CAF_ADD_ATOM(xprober_server, xprober, read_on_atom, "read_on")          // go on with the journal
CAF_ADD_ATOM(xprober_server, xprober, write_atom, "write")              // roll-ups to disk
CAF_ADD_ATOM(xprober_server, xprober, expire_atom, "expire")            // drop old results
CAF_ADD_TYPE_ID(xprober_server, (xprober::agent_seen))
CAF_ADD_TYPE_ID(xprober_server, (xprober::set_mesh_lease))
CAF_ADD_TYPE_ID(xprober_server, (xprober::registry_stats))
CAF_ADD_TYPE_ID(xprober_server, (xprober::agent_listing))
CAF_ADD_TYPE_ID(xprober_server, (xprober::mesh_update))
CAF_ADD_TYPE_ID(xprober_server, (xprober::pool_config))
CAF_ADD_TYPE_ID(xprober_server, (xprober::pool_report))
CAF_ADD_TYPE_ID(xprober_server, (xprober::discovery_config))
CAF_ADD_TYPE_ID(xprober_server, (xprober::source_due))
CAF_ADD_TYPE_ID(xprober_server, (xprober::rescan_due))
CAF_ADD_TYPE_ID(xprober_server, (xprober::fetched_list))
CAF_ADD_TYPE_ID(xprober_server, (xprober::targets_answer))
CAF_ADD_TYPE_ID(xprober_server, (xprober::forget_targets))
CAF_ADD_TYPE_ID(xprober_server, (xprober::welcome_targets))
CAF_ADD_TYPE_ID(xprober_server, (xprober::watch_labels))
CAF_ADD_TYPE_ID(xprober_server, (xprober::batch_delivery))
CAF_ADD_TYPE_ID(xprober_server, (xprober::set_result_ttl))
CAF_ADD_TYPE_ID(xprober_server, (xprober::store_query))
CAF_ADD_TYPE_ID(xprober_server, (xprober::store_view))
CAF_ADD_TYPE_ID(xprober_server, (xprober::target_labels_ptr))
CAF_ADD_TYPE_ID(xprober_server, (xprober::ingest_stats))
CAF_ADD_TYPE_ID(xprober_server, (xprober::journal_stats))
CAF_ADD_TYPE_ID(xprober_server, (xprober::discovery_stats))
CAF_ADD_TYPE_ID(xprober_server, (xprober::rpc_stats))
CAF_ADD_TYPE_ID(xprober_server, (xprober::history_stats))
CAF_ADD_TYPE_ID(xprober_server, (xprober::journal_readers))
CAF_ADD_TYPE_ID(xprober_server, (xprober::reader_begin))
CAF_ADD_TYPE_ID(xprober_server, (xprober::reader_start))
CAF_ADD_TYPE_ID(xprober_server, (xprober::read_request))
CAF_ADD_TYPE_ID(xprober_server, (xprober::journal_page))
CAF_ADD_TYPE_ID(xprober_server, (xprober::reader_progress))
CAF_ADD_TYPE_ID(xprober_server, (xprober::series_ended))
CAF_ADD_TYPE_ID(xprober_server, (xprober::watch_series))
CAF_ADD_TYPE_ID(xprober_server, (xprober::receiver_report))
CAF_ADD_TYPE_ID(xprober_server, (xprober::agent_clock))
CAF_ADD_TYPE_ID(xprober_server, (xprober::history_query))
CAF_ADD_TYPE_ID(xprober_server, (xprober::history_answer))
CAF_ADD_TYPE_ID(xprober_server, (xprober::history_config))
CAF_END_TYPE_ID_BLOCK(xprober_server)
