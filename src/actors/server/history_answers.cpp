#include "xprober/actors/server/history_answers.hpp"

#include <algorithm>
#include <utility>

namespace xprober {

history_series answer_question(const history_query& query, const history_parts& parts,
                               std::int64_t now) {
  const auto& kept = parts.kept;
  auto range = query.range;
  // Beyond there is nothing.
  range.from = std::max(range.from, now - *std::ranges::max_element(kept));
  range.to = std::max(range.from, std::min(range.to, now + 2 * history_steps.back()));
  history_series out;
  out.plan = plan_history(range, kept, now);
  const auto& plan = out.plan;
  if (!plan.problem.empty()) {
    return out;
  }
  // A step of years reaches over far more buckets than there are.
  const auto step = history_steps[plan.level];
  const auto from = std::max(plan.from, bucket_start(now - kept[plan.level], step));
  const auto to = std::min(plan.to, now + 2 * history_steps.back());
  for (const auto& series : parts.files.find(query.subject)) {
    auto buckets = parts.files.read(plan.level, series.number, from, to);
    parts.buffer.merge_into(buckets, series.number, plan.level, from, to);
    const auto names = split_phase_names(series.phases);
    for (auto& [start, values] : buckets) {
      auto& point = out.points[bucket_start(start, plan.step)];
      point.merge(with_phases(std::move(values), names, out.phases));
    }
  }
  return out;
}

} // namespace xprober
