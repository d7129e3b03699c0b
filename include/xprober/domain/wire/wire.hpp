#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "xprober/domain/agent_grant.hpp"
#include "xprober/domain/probe_result.hpp"
#include "xprober/domain/target.hpp"
#include "xprober/domain/wire/agent_report.hpp"

namespace xprober {

/// One measured value in the old form (`ProberResultOne`); field names on the wire stand in
/// the comments.
struct wire_value {
  std::string worker_name;       ///< workerName: the agent's local address
  std::string metric_name;       ///< metricName: an `old_name` of a kind's column
  std::string target_addr;       ///< targetAddr
  std::string source_region;     ///< sourceRegion
  std::string target_region;     ///< targetRegion
  std::string probe_type;        ///< probeType
  std::int64_t unix_seconds = 0; ///< timeStamp
  float value = 0;               ///< value

  bool operator==(const wire_value&) const = default;
};

/// `ProberTargetsGetRequest`.
struct get_targets_request {
  std::string local_region; ///< localRegion
  std::string local_ip;     ///< localIp
  std::string revision;     ///< revision: of the list the agent has; ours, ignored by Go servers
  bool differences = false; ///< differences: the agent can apply one to that list
  /// process: random text of the agent's process; ours. Of two agents that say they are the same
  /// one it is different.
  std::string process{};
  /// version, httpAddr, syncIntervalMs, probeIntervalMs, ownFaults, answersQuestions: what it says
  /// of itself; ours.
  agent_report about{};

  bool operator==(const get_targets_request&) const = default;
};

/// `ProberTargetsGetResponse`. A server that knows revisions always sends one, so an empty
/// `revision` means a Go server, whose empty list is ignored.
struct get_targets_response {
  target_list targets;    ///< targets
  std::string revision;   ///< revision
  bool unchanged = false; ///< unchanged: the agent's revision is current, `targets` is empty
  std::uint64_t wire_bytes =
      0; ///< not on the wire: how long the answer was there, set by the client
  /// batch_version: the schema version of the batches that the server takes; 0: it takes none.
  std::uint32_t batch_version = 0;
  /// base_revision: the list that `added` and `removed` turn into that of `revision`; `targets` is
  /// empty then. Empty: `targets` is the whole list.
  std::string base_revision{};
  target_list added{};   ///< added
  target_list removed{}; ///< removed
  /// Not on the wire: the `set_hash` of `targets`, with that of `added` and without that of
  /// `removed`, set by the client, whose thread has the time.
  std::uint64_t content_hash = 0;
  /// questions: the server has some for this agent, see Server.Questions.
  bool questions = false;

  bool operator==(const get_targets_response&) const = default;
};

/// Server.Leave: an agent ends in order, and is not to be missed.
struct leave_request {
  std::string local_region; ///< localRegion
  std::string local_ip;     ///< localIp
  std::string process;      ///< process: as in its questions

  bool operator==(const leave_request&) const = default;
};

/// The answer.
struct leave_response {
  bool known = false; ///< known: the server knew it

  bool operator==(const leave_response&) const = default;
};

/// `ProberResultPushRequest`.
struct push_request {
  std::vector<wire_value> values; ///< prober_results

  bool operator==(const push_request&) const = default;
};

/// `ProberResultPushResponse`.
struct push_response {
  std::int32_t success_num = 0; ///< success_num

  bool operator==(const push_response&) const = default;
};

/// Server.PushBatch: one whole batch, see batch.hpp. Shared, because nobody changes it on its way.
struct push_batch_request {
  std::shared_ptr<const std::string> bytes;
  std::shared_ptr<const agent_grant> grant{}; ///< of its sender, at the server; null: for everybody
};

/// What became of a batch. The same for a batch that comes again, but for `duplicate`; what is said
/// of the clock is said once.
struct push_batch_response {
  std::string instance;            ///< instance, in hexadecimal digits
  std::int64_t sequence = 0;       ///< sequence
  std::int64_t accepted = 0;       ///< accepted: rows
  std::int64_t rejected = 0;       ///< rejected: rows
  bool duplicate = false;          ///< duplicate: it was taken over before
  std::vector<std::string> errors; ///< errors: of the first few rejected rows
  std::int64_t clock_ahead_ms =
      0; ///< clockAheadMs: the sender's clock, of the server's; 0: it is right

  bool operator==(const push_batch_response&) const = default;
};

/// Who measured: becomes workerName and sourceRegion.
struct agent_identity {
  std::string region;
  std::string local_ip;

  bool operator==(const agent_identity&) const = default;
};

/// Appends the values of one result in the old form: the tables of docs/wire.md. A result that says
/// nothing of its target, because the prober itself failed, appends nothing.
void append_wire_values(const probe_result& result, const agent_identity& agent,
                        std::vector<wire_value>& out);

} // namespace xprober
