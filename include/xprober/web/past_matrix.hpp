#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "xprober/actors/messages/server.hpp"
#include "xprober/web/api_json.hpp"

namespace xprober::web {

/// `/api/v1/matrix` of a moment, from the history: `{probe_type, metric, unit, at_unix, from_unix,
/// to_unix, level, regions | sources and destinations, values, probes, failed}`, as `matrix_json`
/// has it but for this: cells are of the probes that began in [from_unix, to_unix), whose numbers
/// are `probes` and `failed`; success is their ratio; a state is "failing" where any of them
/// failed, "degraded" where echoes were lost, else "ok", and `states` has the numbers of probes;
/// `usual` is the median of what the pair's times were in the week before, in `usual_rollups` ten
/// minutes of it. Regions are those of
/// which the history has anything. `past` is the answer to a question for the moment.
std::string past_matrix_json(const std::string& kind, matrix_metric metric, std::int64_t at,
                             const matrix_part& part, const history_series& past);

/// What is wrong with its size; nothing where it can be made.
std::optional<std::string> past_matrix_problem(const std::string& kind, const matrix_part& part,
                                               const history_series& past);

} // namespace xprober::web
