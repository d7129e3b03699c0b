#include "xprober/domain/history/history.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace xprober {

namespace {

std::int64_t seconds_of(milliseconds length) noexcept {
  return std::chrono::ceil<std::chrono::seconds>(length).count();
}

std::int64_t round_up(std::int64_t value, std::int64_t step) noexcept {
  return bucket_start(value + step - 1, step);
}

/// The finest level that still has what happened at `from`; the coarsest where none has.
std::size_t finest_with(std::int64_t from, const history_retention& kept, std::int64_t now) {
  for (std::size_t level = 0; level < history_levels; ++level) {
    if (from >= now - kept[level]) {
      return level;
    }
  }
  return history_levels - 1;
}

void fit(history_plan& plan, const history_range& range) {
  plan.from = bucket_start(range.from, plan.step);
  plan.to = round_up(range.to, plan.step);
}

} // namespace

std::string_view history_level_name(std::size_t level) noexcept {
  constexpr std::array<std::string_view, history_levels> names{"15s", "1m", "10m"};
  return names[level];
}

history_retention retention_of(const history_config& config) noexcept {
  return {seconds_of(config.retention_15s), seconds_of(config.retention_1m),
          seconds_of(config.retention_10m)};
}

std::strong_ordering history_subject::operator<=>(const history_subject& to) const noexcept {
  if (one_target != to.one_target) {
    return one_target <=> to.one_target;
  }
  if (one_target && other != to.other) {
    return other <=> to.other;
  }
  return std::tie(kind, grouped_by, source_region, other) <=>
         std::tie(to.kind, to.grouped_by, to.source_region, to.other);
}

history_plan plan_history(const history_range& range, const history_retention& kept,
                          std::int64_t now, std::int64_t most) {
  history_plan plan;
  plan.level = finest_with(range.from, kept, now);
  const auto length = range.to - range.from;
  if (range.step == 0) {
    while (plan.level + 1 < history_levels && length / history_steps[plan.level] >= most) {
      ++plan.level;
    }
    const auto step = history_steps[plan.level];
    plan.step = std::max(step, round_up(length / (most - 1), step));
    fit(plan, range);
    return plan;
  }
  plan.step = std::max(range.step, history_steps[plan.level]);
  for (auto level = plan.level; level < history_levels; ++level) {
    if (plan.step % history_steps[level] == 0) {
      plan.level = level;
    }
  }
  plan.step = round_up(plan.step, history_steps[plan.level]);
  fit(plan, range);
  if ((plan.to - plan.from) / plan.step > most) {
    plan.problem = "step is too short for the range: there would be " +
                   std::to_string((plan.to - plan.from) / plan.step) + " points, allowed are " +
                   std::to_string(most) + ": a step of at least " +
                   std::to_string(round_up(length / (most - 1), plan.step)) + "s";
  }
  return plan;
}

history_plan plan_moment(std::int64_t at, const history_retention& kept, std::int64_t now) {
  history_plan plan;
  if (at > now + moment_length) {
    plan.problem = "at lies in the future";
    return plan;
  }
  if (at < now - *std::ranges::max_element(kept)) {
    plan.problem = "at is longer ago than the history reaches back (history.retention_10m): " +
                   std::to_string(*std::ranges::max_element(kept)) + " s";
    return plan;
  }
  plan.level = finest_with(at - moment_length, kept, now);
  const auto step = history_steps[plan.level];
  plan.step = std::max(step, moment_length);
  plan.to = bucket_start(at, step) + step;
  plan.from = plan.to - plan.step;
  return plan;
}

std::vector<std::int64_t> usual_moments(std::int64_t at, std::size_t most) {
  constexpr std::int64_t hour = 3600;
  std::vector<std::int64_t> all{at - hour, at - 2 * hour, at - 3 * hour};
  for (std::int64_t hours = 6; hours <= 7 * 24; hours += 6) {
    all.push_back(at - hours * hour);
  }
  std::vector<std::int64_t> some;
  const auto number = std::min(most, all.size());
  some.reserve(number);
  for (std::size_t i = 0; i < number; ++i) {
    some.push_back(all[i * all.size() / number]);
  }
  return some;
}

std::string phase_names(const probe_kind& kind) {
  std::string names;
  for (const auto& column : kind.columns) {
    if (column.role == column_role::phase) {
      names += (names.empty() ? "" : ",") + column.key; // a key has no comma
    }
  }
  return names;
}

std::vector<std::string> split_phase_names(std::string_view names) {
  std::vector<std::string> all;
  while (!names.empty()) {
    const auto end = std::min(names.find(','), names.size());
    all.emplace_back(names.substr(0, end));
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return all;
}

rollup with_phases(rollup values, const std::vector<std::string>& names,
                   std::vector<std::string>& wanted) {
  std::vector<fixed_sum> moved(wanted.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto found = std::ranges::find(wanted, names[i]);
    const auto place = static_cast<std::size_t>(found - wanted.begin());
    if (found == wanted.end()) {
      wanted.push_back(names[i]);
      moved.emplace_back();
    }
    if (i < values.phases_ms.size()) {
      moved[place] = values.phases_ms[i];
    }
  }
  values.phases_ms = std::move(moved);
  return values;
}

rollup_buffer::series& rollup_buffer::bucket(std::int64_t unix_seconds) {
  return buckets_[bucket_start(unix_seconds, history_steps[0])];
}

rollup_buffer::rollups rollup_buffer::rolled_up(std::size_t level, std::int64_t since) const {
  rollups out;
  for (const auto& [start, all] : buckets_) {
    const auto begin = bucket_start(start, history_steps[level]);
    if (begin + history_steps[level] <= since) {
      continue;
    }
    for (const auto& [number, values] : all) {
      out[{begin, number}].merge(values);
    }
  }
  return out;
}

void rollup_buffer::merge_into(std::map<std::int64_t, rollup>& out, std::uint32_t number,
                               std::size_t level, std::int64_t from, std::int64_t to) const {
  for (const auto& [start, all] : buckets_) {
    const auto begin = bucket_start(start, history_steps[level]);
    if (begin < from || begin >= to) {
      continue;
    }
    if (const auto found = all.find(number); found != all.end()) {
      out[begin].merge(found->second);
    }
  }
}

std::size_t rollup_buffer::size() const noexcept {
  std::size_t total = 0;
  for (const auto& [start, all] : buckets_) {
    total += all.size();
  }
  return total;
}

} // namespace xprober
