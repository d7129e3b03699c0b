#pragma once

// What actors tell those who look in from outside: plain values, rendered by web/ and nobody else.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "xprober/actors/fwd.hpp"
#include "xprober/domain/agent_state.hpp"
#include "xprober/domain/counter.hpp"
#include "xprober/domain/histogram.hpp"
#include "xprober/domain/history/history.hpp"
#include "xprober/domain/memory_stats.hpp"
#include "xprober/domain/own_fault_watch.hpp"
#include "xprober/domain/port_counters.hpp"
#include "xprober/domain/probe_result.hpp"
#include "xprober/domain/targets/target_catalog.hpp"
#include "xprober/domain/wire/wire.hpp"
#include "xprober/probes/probe_engine.hpp"
#include "xprober/store/chain_page.hpp"
#include "xprober/store/snapshot.hpp"
#include "xprober/verdict/incident.hpp"

namespace xprober {

/// One row of `actors`.
struct actor_stats {
  std::uint64_t running = 0;
  std::uint64_t spawned = 0;
  std::uint64_t stopped = 0;
  std::uint64_t failed = 0;
  std::uint64_t messages = 0;
  std::uint64_t mailbox_now = 0; ///< as last seen by a handler
  std::uint64_t mailbox_max = 0;
  latency_quantiles handler_us;

  static std::span<const counter<actor_stats>> counters() noexcept;
};

/// One item of `actor_edges`: what has gone from one node of the graph of actors to another. A node
/// is a kind of actor, an engine (with the name of its kind of probes), or "outside": sessions, and
/// whoever starts the program.
struct actor_edge {
  std::string from;
  std::string to;
  std::uint64_t messages = 0;  ///< handled by `to`; where that is an engine, probes begun
  std::uint64_t questions = 0; ///< those of them that want an answer

  static std::span<const counter<actor_edge>> counters() noexcept;
};

/// `sync`: the syncer sends it after every attempt.
struct sync_stats {
  std::string revision;
  std::uint64_t ok = 0;
  std::uint64_t failed = 0;
  std::uint64_t unchanged = 0;
  std::uint64_t full = 0;          ///< whole lists that were applied
  std::uint64_t differences = 0;   ///< differences that were applied
  std::uint64_t held = 0;          ///< answers that would have taken away too much at once
  std::uint64_t held_removals = 0; ///< targets that the list being held would take away; 0: none is
  std::uint64_t mismatches = 0;    ///< differences that did not lead to the revision they named
  std::uint64_t bytes = 0;         ///< of all answers
  std::int64_t last_ok_unix = 0;
  double last_apply_ms = 0;
  std::uint64_t last_bytes = 0;
  std::string last_error; ///< empty after a success
  /// The list at hand is the one that was kept from the time before the start.
  bool kept_list = false;

  static std::span<const counter<sync_stats>> counters() noexcept;
};

/// Where the results of an agent are. `results` sends it whenever it has changed, so that the parts
/// always belong together: their sum is the number of results so far and of those restored.
struct backlog_stats {
  std::uint64_t acked = 0;
  std::uint64_t pending = 0;
  std::uint64_t dropped = 0;   ///< the limit was met while no server took them
  std::uint64_t forgotten = 0; ///< their target was removed before they were pushed
  /// Of a time before the start, found in the spool: they are in the other parts, too.
  std::uint64_t restored = 0;
};

/// `push`: the pusher sends it after every attempt; what is in `backlog_stats` too comes from
/// there.
struct push_stats {
  std::uint64_t batches_ok = 0;
  std::uint64_t batches_failed = 0;
  std::uint64_t results_acked = 0;
  std::uint64_t results_dropped = 0;   ///< the limit was met while no server took them
  std::uint64_t results_forgotten = 0; ///< their target was removed before they were pushed
  std::uint64_t results_restored = 0;  ///< found in the spool at the start
  std::uint64_t results_rejected = 0;  ///< acknowledged, but the server could not use them
  std::uint64_t pending = 0;           ///< in the spool or not yet in a batch
  std::uint64_t spool_batches = 0;
  std::uint64_t spool_bytes = 0;
  std::int64_t last_ok_unix = 0;
  std::string last_error;
  std::uint64_t spool_in_memory = 0;  ///< results in it that end with the process
  std::uint64_t spool_set_aside = 0;  ///< damaged files
  std::string spool_problem{};        ///< why the disk does not take it; empty: it does
  std::int64_t spool_oldest_unix = 0; ///< when the oldest batch began to wait; 0: there is none
  std::int64_t clock_ahead_ms = 0;    ///< of the server's clock, as the server has said last

  static std::span<const counter<push_stats>> counters() noexcept;
};

/// `targets`: numbers of targets by kind, sent by their owner whenever they change.
struct target_stats {
  target_counts count;
  std::uint64_t unknown_type = 0;    ///< in the last list: skipped
  std::uint64_t duplicates = 0;      ///< in the last list: merged
  bad_targets bad{};                 ///< in the last lists: left out
  std::uint64_t label_conflicts = 0; ///< server: named again with other labels; the first count

  static std::span<const counter<target_stats>> counters() noexcept;
  static std::span<const counter<target_stats>> server_counters() noexcept; ///< of the server alone
};

/// `ticks`.
struct tick_stats {
  std::uint64_t due = 0;
  std::uint64_t late = 0;
  std::uint64_t skipped_busy = 0;     ///< the last probe was still running
  std::uint64_t skipped_behind = 0;   ///< the wheel was a whole period late
  std::uint64_t skipped_overload = 0; ///< too many outcomes waited for `results`
  std::uint64_t repeated = 0;         ///< a shared measurement that was told already: no result
  latency_quantiles lag_ms;

  static std::span<const counter<tick_stats>> counters() noexcept;
};

/// `results` of the server.
struct ingest_stats {
  std::uint64_t received = 0;
  std::uint64_t accepted = 0;
  std::uint64_t duplicate_batches = 0;
  std::uint64_t rejected = 0;
  std::uint64_t stored_series = 0;
  std::uint32_t shard = 0; ///< of the store, whose counts these are

  static std::span<const counter<ingest_stats>> counters() noexcept;
};

/// `journal` of the server. Totals are over all runs that the state directory has seen; the others
/// since the start. Results are rows of batches.
struct journal_stats {
  std::uint64_t batches = 0; ///< taken over, each once
  std::uint64_t results = 0; ///< accepted rows of them
  std::uint64_t duplicate_batches = 0;
  std::uint64_t missing_batches = 0;    ///< gaps in the agents' sequences
  std::uint64_t refused_batches = 0;    ///< could not be kept: the agent keeps them
  std::uint64_t paced_batches = 0;      ///< came too fast: the agent keeps them and comes again
  std::uint64_t impossible_batches = 0; ///< their numbers cannot be: nothing of them is taken
  std::uint64_t misdated_results = 0;   ///< their time can be none: they count when they arrived
  std::uint64_t unlisted_results = 0;   ///< of targets that no agent of the region was given
  std::uint64_t above_agent_series = 0; ///< results of series above limits.agent_series
  std::uint64_t above_series = 0;       ///< results of series above limits.series
  std::uint64_t too_fast_values = 0;    ///< of the older form, above limits.agent_rows_per_second
  std::uint64_t series = 0;             ///< that count against the limits
  std::uint64_t bytes = 0;              ///< of its records
  std::uint64_t replayed_batches = 0;   ///< put into the store at the start
  std::uint64_t total_batches = 0;
  std::uint64_t total_results = 0;
  std::uint64_t total_missing = 0;
  std::uint64_t agents = 0;        ///< instances that are known
  std::uint64_t skewed_agents = 0; ///< whose clocks are off by a second or more
  double worst_skew_ms = 0;    ///< of all agents' clocks, the farthest off; positive: it is ahead
  bool on_disk = false;        ///< false: there is no `state_dir`
  std::uint64_t set_aside = 0; ///< damaged files
  std::string problem;         ///< why batches are refused now; empty: they are taken
  /// One reader of the journal. Counts are of values, over all runs.
  struct reader {
    std::string name;
    std::uint64_t sent = 0;
    std::uint64_t failed = 0;  ///< refused for good
    std::uint64_t dropped = 0; ///< the queue's limit was met, or they came too late
    std::uint64_t pending = 0;
    std::uint64_t pending_bytes = 0; ///< of the records they stand in
  };
  std::vector<reader> readers;

  static std::span<const counter<journal_stats>> counters() noexcept;
};

/// What the sender of one receiver of remote write knows.
struct receiver_stats {
  std::string url;            ///< without credentials
  std::uint64_t requests = 0; ///< that were taken
  std::uint64_t retries = 0;  ///< attempts that failed and were or will be repeated
  std::uint64_t bytes = 0;    ///< sent, compressed
  std::int64_t last_ok_unix = 0;
  std::string last_error;              ///< of the request under way; empty: the last one was taken
  std::uint64_t histograms = 0;        ///< native ones that were taken
  std::uint64_t histograms_failed = 0; ///< that were not: what comes later has all that is in them
  std::string histograms_error;        ///< why the last were not; empty: they were
};

/// One item of `remote_write`.
struct remote_write_stats {
  receiver_stats receiver;
  journal_stats::reader queue;

  static std::span<const counter<remote_write_stats>> counters() noexcept;
};

/// One item of `notify`: how a receiver of alerts is doing. Counts are since the start.
struct notify_stats {
  std::string name;
  std::uint64_t told = 0;    ///< notices that it has taken
  std::uint64_t failed = 0;  ///< notices that it has refused for good
  std::uint64_t retried = 0; ///< attempts that failed and were or will be repeated
  std::uint64_t pending = 0; ///< notices that wait for it; those beyond 100 are not counted
  std::int64_t last_ok_unix = 0;
  std::string last_error; ///< of the last attempt; empty: it was taken

  static std::span<const counter<notify_stats>> counters() noexcept;
};

/// What the engine of a kind counts: `probes.KIND`, `KIND` and a part of `dns`.
struct kind_stats {
  engine_report report;
  /// Of the last minute, see `engine_report`; nothing of a kind that has none.
  std::optional<latency_quantiles> receive_gap_us{};
};

/// `probe_requests`: what was asked for at `/probe`.
struct probe_request_stats {
  std::uint64_t started = 0;
  std::uint64_t refused = 0; ///< too many at the same time
  std::uint64_t in_flight = 0;

  static std::span<const counter<probe_request_stats>> counters() noexcept;
};

/// One source of discovered targets: a file or a URL.
struct discovery_source_stats {
  std::string source;        ///< the path, or the URL without its user
  std::uint64_t targets = 0; ///< of its last good list, blocks expanded
  std::uint64_t ok = 0;      ///< times that it was read and could be used
  std::uint64_t failed = 0;
  std::int64_t last_ok_unix = 0; ///< 0: not since the start
  std::string last_error;        ///< empty after a success
  bool kept = false;             ///< the list is the one kept from before the start
  std::uint64_t left_out = 0;    ///< labels and groups of that list that cannot be used
  std::string first_left_out{};  ///< which, and what is wrong with it; empty: none

  bool operator==(const discovery_source_stats&) const = default;

  static std::span<const counter<discovery_source_stats>> counters() noexcept;
};

/// `discovery` of the server, sent by its actor whenever it has changed.
struct discovery_stats {
  std::vector<discovery_source_stats> sources; ///< files, then URLs, as configured
};

/// `rpc` of the server: what came at rpc_listen_addr.
struct rpc_stats {
  std::uint64_t sessions = 0; ///< connections whose protocol was recognised
  std::uint64_t requests = 0;
  std::uint64_t malformed = 0;    ///< messages and connections that are not of the protocol
  std::uint64_t unauthorized = 0; ///< requests without the token
  std::uint64_t refused = 0;      ///< other requests that were answered with an error

  bool operator==(const rpc_stats&) const = default;

  static std::span<const counter<rpc_stats>> counters() noexcept;
};

/// An agent of whose results some have no history.
struct omitted_results {
  agent_identity agent;
  std::uint64_t results = 0; ///< since the start
};
/// So many of them are known by name.
inline constexpr std::size_t most_omitted_agents = 1000;

/// `history` of the server. Results are rows of batches or groups of values of one probe.
struct history_stats {
  bool enabled = false;
  bool on_disk = false;
  std::uint64_t series = 0;                         ///< region pairs and URLs
  std::uint64_t watched = 0;                        ///< targets that are kept by themselves
  std::array<std::uint64_t, history_levels> rows{}; ///< roll-ups on disk, by level
  std::uint64_t pending = 0;                        ///< roll-ups in memory, not on disk yet
  std::uint64_t bytes = 0;                          ///< of the file
  std::uint64_t results = 0;                        ///< taken in
  std::uint64_t too_old = 0;                        ///< results from before all that is kept
  std::uint64_t moved = 0;   ///< results from the future: they count when they arrived
  std::uint64_t omitted = 0; ///< results of series above `max_series` or an agent's share
  std::vector<omitted_results> omitted_of{}; ///< these by agent, without those of single targets
  std::uint64_t histograms = 0;              ///< native ones, of region pairs and addresses
  std::uint64_t histograms_omitted = 0;      ///< results without one: there are too many
  std::uint64_t waiting = 0; ///< values in the journal that are not in roll-ups on disk
  std::uint64_t dropped = 0; ///< values dropped because too much waited, over all runs
  std::uint64_t flushes = 0;
  std::uint64_t failed = 0;    ///< flushes that could not be written; they are tried again
  std::uint64_t set_aside = 0; ///< damaged files
  double last_flush_ms = 0;
  std::string last_error; ///< empty after a success

  static std::span<const counter<history_stats>> counters() noexcept;
};

/// All that the stats actor knows.
/// `incidents` of the server.
struct incident_stats {
  struct open_count {
    incident_kind kind = incident_kind::target;
    incident_severity severity = incident_severity::warning;
    std::uint64_t incidents = 0;
  };

  std::vector<open_count> open; ///< every kind and severity, also those with none
  std::uint64_t opened = 0;     ///< since the start
  std::uint64_t closed = 0;
  std::uint64_t left_out = 0; ///< causes that are none because there are too many, now
  std::uint64_t queued = 0;   ///< notices that receivers are still to be told
  std::uint64_t dropped = 0;  ///< notices given up because the queue was full
  std::uint64_t looks = 0;    ///< verdicts made
  double last_look_ms = 0;
  std::string problem; ///< why the disk does not take them; empty: it does

  static std::span<const counter<incident_stats>> counters() noexcept;
};

struct stats_snapshot {
  std::string role; ///< "agent" or "server"
  std::string version;
  std::int64_t started_unix = 0;
  double uptime_seconds = 0;
  std::uint64_t rss_bytes = 0;
  double cpu_seconds = 0; ///< user and system time of the whole process
  std::uint64_t open_fds = 0;
  std::string scheduler_policy;
  std::uint64_t scheduler_workers = 0;
  std::map<std::string, actor_stats> actors; ///< by kind; only kinds that have run
  std::vector<actor_edge> actor_edges{};     ///< in the order of their ends
  target_stats targets;
  sync_stats sync;
  tick_stats ticks;
  std::vector<kind_stats> kinds; ///< of an agent's engines, in the order of their table
  probe_request_stats probe_requests;
  push_stats push;
  ingest_stats ingest;
  journal_stats journal;
  discovery_stats discovery;
  rpc_stats rpc;
  std::vector<remote_write_stats> remote_write; ///< in the order of their names
  std::vector<notify_stats> notify;             ///< likewise
  history_stats history;
  incident_stats incidents;
  chain_counts chains{};
  std::vector<port_counters> ports{}; ///< in the order of their names
  memory_stats memory{};
  std::uint64_t agents = 0;            ///< server: members with a lease
  std::vector<std::string> warnings;   ///< sentences for people, of what lasts
  result_tally tally{};                ///< agent: what results say of itself
  std::vector<own_fault> own_faults{}; ///< agent: what keeps it from probing
  std::string blocked{};               ///< agent: why nothing can be probed; empty: something can
};

/// One line of `/targets`.
struct target_line {
  target_uid uid;
  std::string state;     ///< of target_state_names: "waiting" has no result yet
  probe_result_ptr last; ///< null while waiting
  /// When the first result in a row came that has this state; 0: while waiting.
  std::uint32_t since_unix = 0;
};

struct target_listing {
  std::vector<target_line> lines;
  std::uint64_t matching = 0; ///< targets that match; `lines` may be cut by the limit
  std::uint64_t total = 0;
  std::uint64_t ok = 0;
  std::uint64_t failing = 0;
  std::uint64_t prober_fault = 0; ///< not probed, by a fault of the prober's own
};

/// One target's own story: `/targets/{uid}`.
struct target_story {
  target_uid uid;
  std::string state;
  std::uint64_t ticks = 0;
  std::uint64_t skipped_busy = 0;
  std::uint64_t started = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t local_errors = 0;         ///< outcomes that say nothing of the target
  bool probing = false;                   ///< a probe is under way
  target_ref spec;                        ///< itself
  probe_result_ptr last;                  ///< null before the first
  std::vector<probe_result_ptr> results;  ///< the last ones, newest first
  std::vector<probe_result_ptr> failures; ///< the last ones, newest first
  std::uint32_t since_unix = 0;           ///< as of a line; 0: nobody has said it
};

/// One agent as the server knows it.
struct agent_line {
  agent_identity agent;
  std::string peer;
  std::int64_t first_seen_unix = 0;
  std::int64_t last_seen_unix = 0;
  std::optional<std::int64_t> clock_skew_ms; ///< positive: its clock is ahead; absent: no batch yet
  agent_state state = agent_state::ok;
  std::int64_t last_push_unix = 0;     ///< 0: no batch yet
  std::string version{};               ///< of its program; empty: it does not say
  std::string http_addr{};             ///< of its own page; empty: it does not say
  std::uint64_t probe_interval_ms = 0; ///< 0: it does not say
  std::vector<own_fault> own_faults{}; ///< what keeps it from probing
  std::uint64_t misdated_results = 0;  ///< since the start: see `agent_lapse`
  std::uint64_t refused_results = 0;
  bool answers_questions = false;         ///< it can be asked, see Server.Questions
  std::uint64_t sync_interval_ms = 0;     ///< 0: it does not say
  std::optional<agent_backlog> backlog{}; ///< absent: it does not say
  std::int64_t delivered_unix = 0; ///< its newest result, while it delivers a backlog; 0: never has
  std::int64_t caught_up_unix = 0; ///< when it had delivered one last; 0: never
};

struct agent_listing {
  std::vector<agent_line> agents;
  std::uint64_t refused = 0; ///< calls since the start of those who are not taken into the mesh
};

} // namespace xprober
