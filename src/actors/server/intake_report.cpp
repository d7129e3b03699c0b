#include "xprober/actors/server/intake_report.hpp"

#include <array>

namespace xprober {

namespace {

/// Those that were refused.
std::uint64_t count_fates(const std::array<std::uint64_t, row_fate_count>& fates,
                          journal_stats& counts) {
  const auto of = [&](row_fate fate) { return fates[static_cast<std::size_t>(fate)]; };
  counts.unlisted_results += of(row_fate::not_in_list);
  counts.above_agent_series += of(row_fate::too_many_of_agent);
  counts.above_series += of(row_fate::too_many);
  return of(row_fate::not_in_list) + of(row_fate::too_many_of_agent) + of(row_fate::too_many);
}

} // namespace

agent_lapse count_findings(const batch_findings& found, journal_stats& counts) {
  count_fates(found.fates, counts);
  counts.misdated_results += found.misdated;
  return {found.agent, found.misdated, found.verdict.rejected};
}

agent_lapse count_findings(const batch_intake::value_findings& found, journal_stats& counts) {
  const auto refused = count_fates(found.fates, counts) + found.too_fast;
  counts.too_fast_values += found.too_fast;
  counts.misdated_results += found.misdated;
  return {found.by, found.misdated, refused};
}

} // namespace xprober
