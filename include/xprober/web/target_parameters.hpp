#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/net/http_types.hpp"
#include "xprober/store/snapshot.hpp"
#include "xprober/store/target_question.hpp"

namespace xprober::web {

/// The most rows of one answer of `/api/v1/targets`.
inline constexpr std::size_t max_target_page = 1000;

/// Reads the parameters of `/api/v1/targets`: `state` (one or several, separated by commas),
/// `source_region`, `region` or `target_region`, `probe_type`, `agent`, `reason`, `target`, `uid`,
/// `label.NAME`, `q`, `sort` (`target`, `since`, `state`, `agent`, `time`, each with a `-` for the
/// other way round), `limit` and `cursor`. On a bad one nothing, and `problem` says what is
/// allowed. Labels and lost agents are left to the caller.
std::optional<target_question> read_target_question(const net::query_params& query,
                                                    std::string& problem);

/// Reads those of them that say which targets: all but `sort`, `limit` and `cursor`. `others` are
/// allowed, too. False on a bad one, and `problem` says what is allowed.
bool read_target_terms(const net::query_params& query, std::vector<std::string_view> others,
                       target_terms& out, std::string& problem);

/// What `cursor` is to go on behind a row.
std::string target_cursor(const target_question& question, const stored_target& last);

} // namespace xprober::web
