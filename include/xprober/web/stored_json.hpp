#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "xprober/actors/snapshot.hpp"
#include "xprober/store/lost_agents.hpp"
#include "xprober/store/target_question.hpp"
#include "xprober/web/json.hpp"

namespace xprober::web {

/// The agents of a listing that are lost, since they were heard of last.
lost_agents lost_of(const agent_listing& listing);

/// `/api/v1/targets`: `{targets: [{uid, target, region, probe_type, source_region, agent, state,
/// since_unix, streak, time_ms, usual_ms, loss_percent, reason, phase, detail, failed_unix, time,
/// time_unix, labels, …, phases_ms}], matching, total, next}`. `time_ms` is the time that a probe
/// of its kind is about, `usual_ms` what that is usually, `loss_percent` what was lost; null where
/// that is not known. Where the state is ok, reason, phase and detail are null; `failed_unix`
/// is of the last failure. A time that is not known is null. Behind `labels` stand the kept columns
/// of the target's kind by their keys, null where they were not measured; its phases, where it has
/// any, stand in `phases_ms`. `next` is null on the last page. `page` is of this question.
std::string stored_targets_json(const store_snapshot& page, const target_question& question);

/// `/api/v1/target/{uid}`: `{uid, target, region, probe_type, kind, columns, labels, sources:
/// [{source_region, agent, state, …, failures, results}], certificate, incidents}`; a source has
/// what a target of the listing has of its own, and its last failures and results. `columns` are
/// those of its kind (`columns_json`). `certificate` is `{not_after_unix}` of the one that ends
/// first, or null; `incidents` are the ids of open ones that name the target. `page` has at least
/// one row, all of one target.
std::string target_story_json(const store_snapshot& page, const target_question& question,
                              std::span<const std::uint64_t> incidents);

/// One of the sources there. `failures` are the last ones, the newest first, those of the same
/// reason and phase one after the other as one: `[{from_unix, to_unix, results, state, reason,
/// phase, detail}]`; `results` the last ones, each with `{time_unix, state, time_ms, loss_percent,
/// reason, phase, detail}`, the newest first.
json source_json(const stored_target& row);

} // namespace xprober::web
