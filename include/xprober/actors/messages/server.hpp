#pragma once

// The server's messages and atoms.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/all.hpp>

#include "xprober/actors/messages/common.hpp"
#include "xprober/actors/messages/incidents.hpp"
#include "xprober/actors/messages/journal.hpp"
#include "xprober/actors/messages/questions.hpp"
#include "xprober/domain/config.hpp"
#include "xprober/domain/history/histogram_set.hpp"
#include "xprober/domain/history/history.hpp"
#include "xprober/domain/history/watched_targets.hpp"
#include "xprober/domain/targets/discovery_io.hpp"
#include "xprober/domain/targets/mesh_gate.hpp"
#include "xprober/domain/targets/target_compose.hpp"
#include "xprober/domain/targets/wanted_targets.hpp"
#include "xprober/domain/wire/wire.hpp"
#include "xprober/storage/agent_file.hpp"
#include "xprober/storage/kept_series.hpp"
#include "xprober/store/chain_page.hpp"
#include "xprober/store/target_question.hpp"

namespace xprober {

// -- agents and what they probe -------------------------------------------------------------------

/// An agent asked for its targets.
struct agent_seen {
  agent_identity agent;
  std::string peer;    ///< its socket address, for people
  std::string process; ///< see `caller`
  agent_report about{};
};

/// An agent's clock, as the journal sees it in batches: one has come.
struct agent_clock {
  agent_identity agent;
  std::int64_t skew_ms = 0; ///< positive: it is ahead of this server's
};

/// How far an agent has come that delivers what it could not before: told while it does, and once
/// when it has caught up.
struct agent_delivery {
  agent_identity agent;
  std::int64_t newest_unix = 0; ///< of its last batch, by this server's clock
  bool late = false;            ///< by `late_results_s`; false: it has caught up
};

/// What was wrong with what an agent has sent.
struct agent_lapse {
  agent_identity agent;
  std::uint64_t misdated = 0; ///< results that count when they arrived: their time can be none
  std::uint64_t refused = 0;  ///< rows that were not taken
};

/// Memory is short, or no longer.
struct memory_strain {
  bool is_short = false;
};

/// How long an agent is a member after it has asked last.
struct set_mesh_lease {
  nanoseconds length{0};
};

/// An agent has said goodbye: Server.Leave.
struct agent_gone {
  agent_identity agent;
  std::string process; ///< see `caller`
};

/// An operator retires an agent: it is neither lost nor a target any more.
struct retire_agent {
  agent_identity agent;
};

/// How long an agent that is lost stays a target of the others and in the list.
struct set_mesh_forget {
  nanoseconds length{0};
};

/// Who may enter the mesh.
struct set_mesh_gate {
  mesh_gate gate;
};

/// What has changed of the agents that are to be known after a restart, in order.
struct keep_agents {
  std::vector<storage::agent_change> changes;
};

/// What the registry tells stats whenever it has changed.
struct registry_stats {
  std::uint64_t agents = 0; ///< members with a lease
};

/// The members of the mesh, whenever they change.
struct mesh_update {
  std::vector<agent_identity> members;  ///< sorted by region, then address; the lost ones, too
  std::vector<agent_identity> active{}; ///< those with a lease: who shares targets; in that order
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

/// The targets that there are: which may be measured from where, and by which agents where they
/// share them.
struct targets_entered {
  target_universe universe;
  std::vector<agent_identity> active{}; ///< agents that ask for their targets
};

/// Who is told of all targets, as `targets_entered`.
struct watch_entered {
  caf::actor listener;
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
  nanoseconds keep{0}; ///< for so long more the state of their series is kept
  /// Only while their target is in the list; false: agents may have others.
  bool listed_only = true;
};

/// Agents that have left, were retired or forgotten: their series go, without having failed.
struct forget_agents {
  std::vector<agent_identity> agents;
};

/// Agents that are there, maybe again: their series are waited for.
struct welcome_agents {
  std::vector<agent_identity> agents;
};

/// What is wanted of the store.
struct store_query {
  bool with_targets = false; ///< every target's values, too
  /// A page of targets and nothing else; null: all aggregates.
  target_question_ptr page{};
};

/// What is in the store: see snapshot.hpp.
using store_view = std::shared_ptr<const store_snapshot>;

/// For what is to be remembered of series over a restart: a walk over all rows in steps.
struct kept_states_request {
  std::uint32_t part = 0; ///< of the store
  std::uint32_t row = 0;  ///< the first one in this step
};

/// What is remembered of series over a restart: from the store, and at the start to it, before the
/// journal's replay. Null: nothing.
using kept_states = std::shared_ptr<const std::vector<storage::kept_series>>;

/// A step of the walk.
struct kept_page {
  kept_states states;
  std::optional<kept_states_request> next; ///< what goes on with it; nothing: it is over
};

/// Targets that history is to keep by themselves from now on, for a day after it was told last:
/// see `watched_targets`.
struct watch_targets {
  std::vector<target_uid> targets; ///< the most important ones first
  std::string source;              ///< who wants it, for the log: "incidents"
};

/// A question for `/api/v1/history`. One for a single target (`one_target`, only its uid counts as
/// its subject, and the source region where it is not empty) begins to watch it.
struct history_query {
  history_subject subject;
  history_range range;
  /// All pairs of the subject's kind, or those of its regions where they are not empty, at the
  /// moment `range.to`, as sources of the answer: see `plan_moment`.
  bool moment = false;
  bool usual = false; ///< of a moment also what was usual in the week before it
  /// `usual` without a moment: of all pairs of the subject's kind what is usual in the week up to
  /// now, as it was worked out within the last hour (`usual_times`).
  bool is_of_usual() const noexcept { return usual && !moment; }
};

/// What a pair's time usually is.
struct usual_time {
  std::string source_region;
  std::string target_region;
  float median_ms = 0;
  std::uint16_t rollups = 0; ///< ten minutes each, of which it is the median
};

/// What was measured: buckets without a result are left out.
struct history_points {
  std::vector<std::string> phases;       ///< what those of `points` are called, in their order
  std::map<std::int64_t, rollup> points; ///< by the beginning, Unix seconds
};

/// What one source region measured of a single target.
struct history_source : history_points {
  history_subject subject;
  std::optional<double> usual_ms{}; ///< of a moment: the median of what its times were before
  std::uint16_t usual_rollups = 0;  ///< in so many ten minutes
};

/// The answer.
struct history_series : history_points {
  history_plan plan;
  std::string unavailable; ///< not empty: the history cannot be read now, and why
  // Of a single target, which has no points but those of its sources.
  std::vector<history_source> sources{};   ///< by their regions; the pairs of a moment, too
  std::optional<watched_target> watched{}; ///< since when it is
  /// Of `usual`, by both regions; `plan` has the time that they are of.
  std::vector<usual_time> usual{};
};
using history_answer = std::shared_ptr<const history_series>;

/// The native histograms of all region pairs and addresses, by their subjects.
using histogram_list = std::shared_ptr<const std::vector<histogram_series>>;

/// How a receiver of remote write is doing.
struct receiver_report {
  std::string name;
  bool gone = false; ///< it is not configured any more
  receiver_stats stats;
};

/// How a receiver of alerts is doing.
struct notify_report {
  std::string name;
  bool gone = false; ///< it is not configured any more
  notify_stats stats;
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
CAF_ADD_ATOM(xprober_server, xprober, page_more_atom, "page_more")      // go on with the pages
CAF_ADD_ATOM(xprober_server, xprober, expire_atom, "expire")            // drop old results
CAF_ADD_ATOM(xprober_server, xprober, look_atom, "look")                // make verdicts anew
CAF_ADD_ATOM(xprober_server, xprober, certificates_atom, "certs")       // look at certificates
CAF_ADD_ATOM(xprober_server, xprober, open_incidents_atom, "open_inc")  // those that are open
CAF_ADD_ATOM(xprober_server, xprober, get_mutes_atom, "get_mutes")      // also those that are over
CAF_ADD_ATOM(xprober_server, xprober, tell_states_atom, "tell_state")   // to who watches them
CAF_ADD_ATOM(xprober_server, xprober, restore_atom, "restore")          // what was kept
CAF_ADD_ATOM(xprober_server, xprober, keep_due_atom, "keep_due")        // time to keep it
CAF_ADD_ATOM(xprober_server, xprober, answer_atom, "answer")            // those who have waited
CAF_ADD_ATOM(xprober_server, xprober, tell_counts_atom, "tell_count")   // that were held back
CAF_ADD_ATOM(xprober_server, xprober, serving_atom, "serving")          // agents can ask now
CAF_ADD_ATOM(xprober_server, xprober, histograms_atom, "histograms")    // all that there are
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
CAF_ADD_TYPE_ID(xprober_server, (xprober::wanted_targets_ptr))
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
CAF_ADD_TYPE_ID(xprober_server, (xprober::agent_delivery))
CAF_ADD_TYPE_ID(xprober_server, (xprober::history_query))
CAF_ADD_TYPE_ID(xprober_server, (xprober::history_answer))
CAF_ADD_TYPE_ID(xprober_server, (xprober::history_config))
CAF_ADD_TYPE_ID(xprober_server, (xprober::series_changes_ptr))
CAF_ADD_TYPE_ID(xprober_server, (xprober::watch_states))
CAF_ADD_TYPE_ID(xprober_server, (xprober::forget_agents))
CAF_ADD_TYPE_ID(xprober_server, (xprober::welcome_agents))
CAF_ADD_TYPE_ID(xprober_server, (xprober::agent_gone))
CAF_ADD_TYPE_ID(xprober_server, (xprober::retire_agent))
CAF_ADD_TYPE_ID(xprober_server, (xprober::set_mesh_forget))
CAF_ADD_TYPE_ID(xprober_server, (xprober::agent_listing_ptr))
CAF_ADD_TYPE_ID(xprober_server, (xprober::watch_agents))
CAF_ADD_TYPE_ID(xprober_server, (xprober::incident_rules))
CAF_ADD_TYPE_ID(xprober_server, (xprober::incident_stats))
CAF_ADD_TYPE_ID(xprober_server, (xprober::chain_counts))
CAF_ADD_TYPE_ID(xprober_server, (xprober::certificate_request))
CAF_ADD_TYPE_ID(xprober_server, (xprober::certificate_list))
CAF_ADD_TYPE_ID(xprober_server, (xprober::notice_request))
CAF_ADD_TYPE_ID(xprober_server, (xprober::notice_list))
CAF_ADD_TYPE_ID(xprober_server, (xprober::notices_told))
CAF_ADD_TYPE_ID(xprober_server, (xprober::incident_request))
CAF_ADD_TYPE_ID(xprober_server, (xprober::incident_answer))
CAF_ADD_TYPE_ID(xprober_server, (xprober::incident_by_id))
CAF_ADD_TYPE_ID(xprober_server, (xprober::incident_ptr))
CAF_ADD_TYPE_ID(xprober_server, (xprober::acknowledge_incident))
CAF_ADD_TYPE_ID(xprober_server, (xprober::incident_list))
CAF_ADD_TYPE_ID(xprober_server, (xprober::mute_list))
CAF_ADD_TYPE_ID(xprober_server, (xprober::add_mute))
CAF_ADD_TYPE_ID(xprober_server, (xprober::mute_added))
CAF_ADD_TYPE_ID(xprober_server, (xprober::remove_mute))
CAF_ADD_TYPE_ID(xprober_server, (xprober::watch_targets))
CAF_ADD_TYPE_ID(xprober_server, (xprober::kept_states_request))
CAF_ADD_TYPE_ID(xprober_server, (xprober::kept_states))
CAF_ADD_TYPE_ID(xprober_server, (xprober::kept_page))
CAF_ADD_TYPE_ID(xprober_server, (xprober::event_record))
CAF_ADD_TYPE_ID(xprober_server, (xprober::event_request))
CAF_ADD_TYPE_ID(xprober_server, (xprober::event_page_ptr))
CAF_ADD_TYPE_ID(xprober_server, (xprober::keep_agents))
CAF_ADD_TYPE_ID(xprober_server, (xprober::notify_report))
CAF_ADD_TYPE_ID(xprober_server, (xprober::histogram_list))
CAF_ADD_TYPE_ID(xprober_server, (xprober::agent_lapse))
CAF_ADD_TYPE_ID(xprober_server, (xprober::targets_entered))
CAF_ADD_TYPE_ID(xprober_server, (xprober::watch_entered))
CAF_ADD_TYPE_ID(xprober_server, (xprober::limits_config))
CAF_ADD_TYPE_ID(xprober_server, (xprober::memory_strain))
CAF_ADD_TYPE_ID(xprober_server, (xprober::set_mesh_gate))
CAF_ADD_TYPE_ID(xprober_server, (xprober::ask_agent))
CAF_ADD_TYPE_ID(xprober_server, (xprober::agent_answer))
CAF_ADD_TYPE_ID(xprober_server, (xprober::chain_query))
CAF_ADD_TYPE_ID(xprober_server, (xprober::chain_page_ptr))
CAF_END_TYPE_ID_BLOCK(xprober_server)
