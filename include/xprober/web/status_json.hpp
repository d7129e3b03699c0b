#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "xprober/domain/config.hpp"
#include "xprober/domain/known_span.hpp"
#include "xprober/store/snapshot.hpp"
#include "xprober/store/target_question.hpp"
#include "xprober/verdict/incident.hpp"

// What everybody may see of chosen groups of targets.
namespace xprober::web {

/// How far back its strips reach, today included.
inline constexpr std::int64_t status_days = 90;

/// What counts the rows of each group.
tally_question status_question(const status_config& shown);

/// Whether an incident is of what a group shows: of its targets, of the paths to them, or of the
/// sources that it names. What is wrong with probers themselves is of no group.
bool concerns(const status_group& group, const incident& what);

/// What an incident is, without a name of anything.
std::string public_sentence(const incident& what);

/// `/api/v1/status`: `{title, time_unix, groups: [{name, state, words, since_unix, checks:
/// {failing, of}, incidents: [{since_unix, severity, sentence, acknowledged, targets}], last_24h:
/// [{from_unix, to_unix, severity}], known_24h: [{from_unix, to_unix}], days: {from_unix, seconds,
/// known_seconds}}]}`. `state` is "ok", "degraded"
/// (some fail, or are not as they should be), "failing" (all that is known fails) or "unknown";
/// `words` says it. `since_unix`: since the oldest incident that is open, else since the last one
/// was over, null for what has had none. `targets` of an incident are those of its names that the
/// group chooses, and none unless `show_targets`. `days.seconds` has for each of 90 days from
/// `from_unix` on how long an incident was open, `days.known_seconds` how long anything was known
/// at all, and `known_24h` when in the last day: by `known`, which has a group's spans by its
/// `matchers_text`, by the incidents, and by `counted` now. `counted` is the tally of
/// `status_question`; both lists of incidents may have some of no group, and one can be in both.
std::string status_json(const status_config& shown, const store_snapshot& counted,
                        std::span<const incident> open, std::span<const incident> closed,
                        std::span<const known_span> known, std::int64_t now);

} // namespace xprober::web
