#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/actors/snapshot.hpp"
#include "xprober/web/prometheus_text.hpp"

namespace xprober::web {

/// Families that both roles have: process, build, scheduler, actors.
void append_process_metrics(prometheus_text& out, const stats_snapshot& stats);

/// Numbers of targets by the names of their kinds: those of the table in its order, also where
/// there are none, then the others.
std::vector<std::pair<std::string_view, std::uint64_t>> counts_by_kind(const target_counts& counts);

/// The counters of the sections that a role has once.
void append_sections(prometheus_text& out, std::string_view role, const stats_snapshot& stats);

/// The number of targets by probe type.
void append_target_counts(prometheus_text& out, const target_stats& targets);

} // namespace xprober::web
