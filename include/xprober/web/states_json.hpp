#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "xprober/net/http_types.hpp"
#include "xprober/store/snapshot.hpp"
#include "xprober/store/target_question.hpp"

namespace xprober::web {

/// The most groups of one answer of `/api/v1/states`.
inline constexpr std::size_t max_state_groups = 1000;

/// Reads the parameters of `/api/v1/states`: `by` (`probe_type`, the default, `source_region`,
/// `region` or `label.NAME`), `limit` (of groups), and those of `/api/v1/targets` that say which
/// targets. On a bad one nothing, and `problem` says what is allowed. Labels and lost agents are
/// left to the caller.
std::optional<target_question> read_states_question(const net::query_params& query,
                                                    std::string& problem);

/// `/api/v1/states`: `{total, matching, states: {ok, degraded, failing, prober_fault, stale,
/// never}, by, groups: [{name, states}], others}`. Numbers are of targets as agents see them. The
/// worst groups come first; those that have no room add up in `others`, which is null without any.
/// A name is empty for what has no such label.
std::string states_json(store_snapshot counted, const target_question& question);

} // namespace xprober::web
