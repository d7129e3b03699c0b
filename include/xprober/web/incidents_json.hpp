#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/actors/messages/incidents.hpp"
#include "xprober/domain/target.hpp"

namespace xprober::web {

/// `/api/v1/incidents/{id}`: `{id, kind, severity, summary, opened_unix, closed_unix, probe_type,
/// reason, phase, detail, sources: {affected, of, names}, targets: {affected, of, names}, labels,
/// flapping, acknowledged, timeline: [{at_unix, event, sources, targets, text}], certificate,
/// merged_into, muted}`. Null: `closed_unix` while it is open, `acknowledged` (else `{by, note,
/// at_unix}`) while nobody looks after it, `certificate` (else a fingerprint) and `merged_into`
/// (else an id) where there is none. `muted`: a mute fits it now.
std::string incident_json(const incident& what, std::span<const mute> mutes, wall_time now);

/// `/api/v1/incidents`: `{incidents: [...], next}` in the order of the page; `next` is the cursor
/// of the next one, or null.
std::string incidents_json(const storage::incident_page& page, std::span<const mute> mutes,
                           wall_time now);

/// `{id, matchers: [{field, value}], from_unix, until_unix, active, by, why}`.
std::string mute_json(const mute& m, wall_time now);

/// `/api/v1/mutes`: `{mutes: [...]}`, also those that are over and not forgotten yet.
std::string mutes_json(std::span<const mute> mutes, wall_time now);

/// The ids of the incidents that name a target, in their order. `kind`: of its results; one of
/// pairs of regions is named by its region.
std::vector<std::uint64_t> incidents_naming(std::span<const incident> all, const target_uid& target,
                                            const probe_kind& kind);

} // namespace xprober::web
