#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "xprober/actors/messages/server.hpp"
#include "xprober/net/http_types.hpp"

namespace xprober::web {

/// A question to `/api/v1/history` as it was asked.
struct history_question {
  history_query query;
  std::string other;  ///< the parameter that names the other end
  std::string metric; ///< empty: all
};

/// Reads `uid` (one target; `source_region` may be left out then, and `probe_type` must be) or
/// `source_region`, the other end as `target_region` (for kinds that are grouped by pairs of
/// regions), `url` or `target` (for the others), `probe_type` (the name of a kind; without it that
/// of the mesh, for a URL the first of the table that takes URLs), `metric`, `from`, `to` (Unix
/// seconds, RFC 3339 in UTC, "now", or a duration back from now like "6h") and `step` (seconds or a
/// duration). Without `to` it is now, without `from` an hour before `to`. On a bad one nothing, and
/// `problem` says what is allowed.
std::optional<history_question> read_history_question(const net::query_params& query,
                                                      std::int64_t now, std::string& problem);

/// `{probe_type, source_region, target_region | url | target, level, step_seconds, from_unix,
/// to_unix, points: [...]}`; a point has `time_unix` (of its beginning), `probes`, `succeeded`,
/// and, as far as known, `success_ratio`, `latency_ms` (of pairs) or `duration_ms` (of addresses;
/// both `{count, mean, min, max, p50, p99}`), `loss_percent` (always of pairs), `phases_ms` (means,
/// of kinds that have phases). With a metric only what belongs to it.
///
/// Of one target `{uid, target, region, probe_type, watched_since_unix, level, ..., to_unix,
/// sources: [{source_region, points}]}`, without what is not known of it yet.
std::string history_json(const history_question& question, const history_series& series);

} // namespace xprober::web
