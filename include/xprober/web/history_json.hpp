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
  std::string metric; ///< empty: all
};

/// Reads `source_region`, `target_region` or `url`, `metric`, `from`, `to` (Unix seconds, RFC 3339
/// in UTC, "now", or a duration back from now like "6h") and `step` (seconds or a duration).
/// Without `to` it is now, without `from` an hour before `to`. On a bad one nothing, and `problem`
/// says what is allowed.
std::optional<history_question> read_history_question(const net::query_params& query,
                                                      std::int64_t now, std::string& problem);

/// `{source_region, target_region | url, level, step_seconds, from_unix, to_unix, points: [...]}`;
/// a point has `time_unix` (of its beginning), `probes`, `succeeded`, and, as far as known,
/// `success_ratio`, `latency_ms` or `duration_ms` (`{count, mean, min, max, p50, p99}`),
/// `loss_percent`, `phases_ms` (means). With a metric only what belongs to it.
std::string history_json(const history_question& question, const history_series& series);

} // namespace xprober::web
