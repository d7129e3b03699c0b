#include "xprober/actors/server/history_answers.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace xprober {

namespace {

/// The points of all sources of a single target come to so many, but for those of the last hour.
constexpr std::int64_t most_target_points = 50'000;
constexpr std::int64_t least_target_points = 300;

/// Merges one series into points.
void add_points(history_points& out, const storage::history_register::known_key& series,
                const history_plan& plan, const history_parts& parts, std::int64_t now) {
  // A step of years reaches over far more buckets than there are.
  const auto step = history_steps[plan.level];
  const auto from = std::max(plan.from, bucket_start(now - parts.kept[plan.level], step));
  const auto to = std::min(plan.to, now + 2 * history_steps.back());
  auto buckets = parts.files.read(plan.level, series.number, from, to);
  parts.buffer.merge_into(buckets, series.number, plan.level, from, to);
  const auto names = split_phase_names(series.phases);
  for (auto& [start, values] : buckets) {
    auto& point = out.points[bucket_start(start, plan.step)];
    point.merge(with_phases(std::move(values), names, out.phases));
  }
}

std::size_t count_sources(const std::vector<storage::history_register::target_series>& all) {
  std::size_t sources = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    sources += i == 0 || all[i].subject.source_region != all[i - 1].subject.source_region ? 1 : 0;
  }
  return sources;
}

/// Series of one source, which stand together, become one.
void add_sources(history_series& out,
                 const std::vector<storage::history_register::target_series>& all,
                 const history_parts& parts, std::int64_t now) {
  for (const auto& found : all) {
    if (out.sources.empty() ||
        out.sources.back().subject.source_region != found.subject.source_region) {
      out.sources.emplace_back().subject = found.subject;
    }
    add_points(out.sources.back(), found.series, out.plan, parts, now);
  }
}

/// A moment looks at no more series than a matrix has cells, and for what is usual at no more rows
/// than these, but for a few moments.
constexpr std::size_t most_moment_pairs = 250'000;
constexpr std::size_t most_usual_rows = 150'000;
constexpr std::size_t least_usual_moments = 4;
constexpr std::size_t few_share = 64;
/// What is kept for an hour may cost more.
constexpr std::size_t most_kept_rows = 500'000;
constexpr std::size_t least_kept_moments = 8;

using pair_places = std::unordered_map<std::uint32_t, std::size_t>; ///< series to source

/// The times of each pair around some moments before: from the coarsest level, which is on disk by
/// then. `since` becomes the first of them that has any.
std::vector<std::vector<float>> times_before(const pair_places& places, std::size_t pairs,
                                             const history_parts& parts,
                                             std::span<const std::int64_t> moments,
                                             std::int64_t now, std::int64_t& since) {
  constexpr auto level = history_levels - 1;
  const auto oldest = now - parts.kept[level];
  std::vector<std::vector<float>> times(pairs);
  std::int64_t start = 0;
  const auto take = [&](std::size_t place, const rollup& values) {
    if (const auto mean = values.value_ms.mean()) {
      times[place].push_back(static_cast<float>(*mean));
      since = std::min(since, start);
    }
  };
  // To find a few is less than to read through all.
  const bool few = places.size() * few_share < parts.files.series();
  for (const auto moment : moments) {
    start = bucket_start(moment, history_steps[level]);
    if (start < oldest) {
      continue;
    }
    const auto end = start + history_steps[level];
    if (few) {
      for (const auto& [number, place] : places) {
        for (const auto& [begin, values] : parts.files.read(level, number, start, end)) {
          take(place, values);
        }
      }
      continue;
    }
    parts.files.scan(level, start, end, [&](std::uint32_t number, std::string_view bytes) {
      const auto place = places.find(number);
      const auto values = place == places.end() ? std::nullopt : rollup::decode(bytes);
      if (values) {
        take(place->second, *values);
      }
    });
  }
  return times;
}

/// Not of an empty list.
float median_of(std::vector<float>& all) {
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>((all.size() - 1) / 2);
  std::ranges::nth_element(all, middle);
  return *middle;
}

std::size_t moments_of(std::size_t pairs, std::size_t rows, std::size_t least) {
  return std::max(least, rows / std::max<std::size_t>(pairs, 1));
}

/// Of each pair the median of its times in the week before.
void add_usual(history_series& out, const pair_places& places, const history_parts& parts,
               std::int64_t at, std::int64_t now) {
  auto since = at;
  const auto moments =
      usual_moments(at, moments_of(places.size(), most_usual_rows, least_usual_moments));
  auto times = times_before(places, out.sources.size(), parts, moments, now, since);
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (auto& all = times[i]; !all.empty()) {
      out.sources[i].usual_ms = median_of(all);
      out.sources[i].usual_rollups = static_cast<std::uint16_t>(all.size());
    }
  }
}

/// The same of all pairs of a kind up to now.
history_series answer_usual(const history_query& query, const history_parts& parts,
                            std::int64_t now) {
  history_series out;
  out.plan.level = history_levels - 1;
  out.plan.step = history_steps.back();
  out.plan.from = out.plan.to = now;
  pair_places places;
  for (const auto& pair : parts.files.known().find_pairs(query.subject, most_moment_pairs)) {
    const auto& of = pair.subject;
    if (out.usual.empty() || out.usual.back().source_region != of.source_region ||
        out.usual.back().target_region != of.other) {
      out.usual.push_back({of.source_region, of.other});
    }
    places.emplace(pair.number, out.usual.size() - 1);
  }
  const auto moments =
      usual_moments(now, moments_of(places.size(), most_kept_rows, least_kept_moments));
  auto times = times_before(places, out.usual.size(), parts, moments, now, out.plan.from);
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (auto& all = times[i]; !all.empty()) {
      out.usual[i].median_ms = median_of(all);
      out.usual[i].rollups = static_cast<std::uint16_t>(all.size());
    }
  }
  std::erase_if(out.usual, [](const usual_time& pair) { return pair.rollups == 0; });
  return out;
}

/// All pairs at once: a few buckets are read through instead of each pair's place in them.
history_series answer_moment(const history_query& query, const history_parts& parts,
                             std::int64_t now) {
  history_series out;
  const auto at = query.range.to;
  out.plan = plan_moment(at, parts.kept, now);
  if (!out.plan.problem.empty()) {
    return out;
  }
  pair_places places;
  for (const auto& pair : parts.files.known().find_pairs(query.subject, most_moment_pairs)) {
    if (out.sources.empty() || out.sources.back().subject != pair.subject) {
      out.sources.emplace_back().subject = pair.subject;
    }
    places.emplace(pair.number, out.sources.size() - 1);
  }
  const auto add = [&](std::uint32_t number, rollup values) {
    if (const auto place = places.find(number); place != places.end()) {
      values.phases_ms.clear(); // of other names, maybe
      out.sources[place->second].points[out.plan.from].merge(values);
    }
  };
  const auto& plan = out.plan;
  parts.files.scan(plan.level, plan.from, plan.to,
                   [&](std::uint32_t number, std::string_view bytes) {
                     auto values = places.contains(number) ? rollup::decode(bytes) : std::nullopt;
                     if (values) {
                       add(number, std::move(*values));
                     }
                   });
  for (const auto& [place, values] : parts.buffer.rolled_up(plan.level, plan.from)) {
    if (place.first >= plan.from && place.first < plan.to) {
      add(place.second, values);
    }
  }
  if (query.usual) {
    add_usual(out, places, parts, at, now);
  }
  return out;
}

} // namespace

history_series answer_question(const history_query& query, const history_parts& parts,
                               std::int64_t now) {
  if (query.moment) {
    return answer_moment(query, parts, now);
  }
  if (query.is_of_usual()) {
    return answer_usual(query, parts, now);
  }
  const auto& kept = parts.kept;
  auto range = query.range;
  // Beyond there is nothing.
  range.from = std::max(range.from, now - *std::ranges::max_element(kept));
  range.to = std::max(range.from, std::min(range.to, now + 2 * history_steps.back()));
  history_series out;
  if (!query.subject.one_target) {
    out.plan = plan_history(range, kept, now);
    if (out.plan.problem.empty()) {
      for (const auto& series : parts.files.known().find(query.subject)) {
        add_points(out, series, out.plan, parts, now);
      }
    }
    return out;
  }
  const auto all =
      parts.files.known().find_target(query.subject.other, query.subject.source_region);
  const auto sources = static_cast<std::int64_t>(std::max<std::size_t>(count_sources(all), 1));
  out.plan = plan_history(
      range, kept, now,
      std::clamp(most_target_points / sources, least_target_points, max_history_points));
  if (out.plan.problem.empty()) {
    add_sources(out, all, parts, now);
  }
  return out;
}

} // namespace xprober
