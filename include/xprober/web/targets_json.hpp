#pragma once

#include <string>

#include "xprober/actors/messages/probe_requests.hpp"
#include "xprober/actors/snapshot.hpp"
#include "xprober/probes/presenter_table.hpp"

namespace xprober::web {

/// `/targets`: `{targets: [{uid, target, region, probe_type, state, since_unix, last}], matching,
/// total, ok, failing, waiting}`. `since_unix` is when the first of the results in a row came that
/// have this state; it is null before the first, as `last` is, which has the form of a result
/// below.
std::string targets_json(const target_listing& listing, const presenter_table& presenters);

/// `/targets/{uid}`: who the target is, its state and since when, its counters, its last results
/// and failures, newest first. A result is `{kind, time, time_unix, success, error, local_error,
/// detail, address, duration_ms, time_ms, loss_percent, remark, start_lag_ms, shared,
/// resolve_cached}` and, below the name of its kind, what the kind's presenter says of it.
/// `time_ms` is the time that the probe is about, `duration_ms` all that it took, `remark` what is
/// to be said of a success beside these. What was not measured is null.
std::string target_json(const target_story& story, const presenter_table& presenters);

/// One probe that somebody has asked for: `{module, kind, listed, result, first_address,
/// resolve_ms, steps: [{at_ms, text, fields}]}`. `listed`: the target is on this agent's list;
/// `result` as above, with the certificates that the target sent. The answer holds a probe.
std::string probe_answer_json(const probe_question& question, const probe_answer& answer,
                              const presenter_table& presenters);

} // namespace xprober::web
