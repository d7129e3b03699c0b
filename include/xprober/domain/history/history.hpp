#pragma once

// What history is cut into, and how a question is fitted to it.

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "xprober/domain/config.hpp"
#include "xprober/domain/history/rollup.hpp"

namespace xprober {

/// The lengths of buckets in seconds, finest first: each divides the next.
inline constexpr std::array<std::int64_t, 3> history_steps{15, 60, 600};
inline constexpr std::size_t history_levels = history_steps.size();
/// "15s", "1m", "10m".
std::string_view history_level_name(std::size_t level) noexcept;

/// How long each level is kept, in seconds.
using history_retention = std::array<std::int64_t, history_levels>;
history_retention retention_of(const history_config& config) noexcept;

/// The history's name as a reader of the journal.
inline constexpr std::string_view history_reader = "history";

/// The most points of one answer.
inline constexpr std::int64_t max_history_points = 5000;

/// The beginning of the bucket that a time is in; also before 1970.
constexpr std::int64_t bucket_start(std::int64_t unix_seconds, std::int64_t step) noexcept {
  const auto rest = unix_seconds % step;
  return unix_seconds - (rest < 0 ? rest + step : rest);
}

/// Which series is asked for. A kind whose results are grouped otherwise has other series.
struct history_subject {
  std::string kind; ///< its name
  result_group grouped_by = result_group::pair;
  std::string source_region;
  std::string other; ///< target region or address; of one target its uid, see `uid_text`
  /// One target alone: it was watched. `grouped_by` is that of its kind then.
  bool one_target = false;

  bool operator==(const history_subject&) const = default;
  /// Those of single targets come last, and all of one target stand together.
  std::strong_ordering operator<=>(const history_subject& to) const noexcept;
};

/// Which series a roll-up is of: that of a subject, with what its kind's phases are called, each
/// behind the other with a comma between them. Roll-ups have phases by place, so those of a kind
/// that calls its phases otherwise are another series, and nothing is mixed up.
struct history_key {
  history_subject subject;
  std::string phases;

  auto operator<=>(const history_key&) const = default;
};

/// What the phases of a kind are called, as `history_key` has them.
std::string phase_names(const probe_kind& kind);
/// Taken apart.
std::vector<std::string> split_phase_names(std::string_view names);

/// A roll-up whose phases are called `names`, as one whose phases are called `wanted`; names that
/// are missing there are added to it.
rollup with_phases(rollup values, const std::vector<std::string>& names,
                   std::vector<std::string>& wanted);

/// A stretch of history that is asked for: buckets that begin in [from, to).
struct history_range {
  std::int64_t from = 0; ///< Unix seconds
  std::int64_t to = 0;
  std::int64_t step = 0; ///< seconds; 0: as the range allows
};

/// How a question is answered.
struct history_plan {
  std::size_t level = 0;
  std::int64_t step = 0; ///< of the points: a multiple of the level's
  std::int64_t from = 0; ///< on a multiple of `step`
  std::int64_t to = 0;   ///< likewise, exclusive
  std::string problem;   ///< not empty: the question cannot be answered, and why
};

/// Without a step: the finest level that still has the beginning of the range and gives no more
/// than `max_history_points`; where none does, the coarsest, several of its buckets to a point.
/// With a step: the coarsest level that divides it and still has the beginning; where no level that
/// is fine enough has it, the finest that has, and its step. What is older than all levels is
/// asked of the coarsest. `most` in the place of `max_history_points`: where there are several
/// answers of a kind.
history_plan plan_history(const history_range& range, const history_retention& kept,
                          std::int64_t now, std::int64_t most = max_history_points);

/// What a moment is: so long before it everything was probed once, in seconds.
inline constexpr std::int64_t moment_length = 60;

/// Which buckets a moment is made of: of the finest level that still has it, those that lie in
/// `moment_length` and end with the one that it is in, one at least. `step` is how long all of them
/// are together.
history_plan plan_moment(std::int64_t at, const history_retention& kept, std::int64_t now);

/// When one looks for what was usual before a moment: hours, then every six hours of a week, the
/// nearest first; `most` of them, spread over all.
std::vector<std::int64_t> usual_moments(std::int64_t at, std::size_t most);

/// Roll-ups that are not on disk yet, in the finest buckets, by bucket and number of the series.
class rollup_buffer {
public:
  using series = std::unordered_map<std::uint32_t, rollup>;
  using rollups = std::map<std::pair<std::int64_t, std::uint32_t>, rollup>; ///< (start, series)

  /// The bucket of a time in Unix seconds, for `add`; valid until `clear`.
  series& bucket(std::int64_t unix_seconds);

  /// All of it in buckets of one level that end after `since`.
  rollups rolled_up(std::size_t level, std::int64_t since) const;

  /// Merges one series' buckets of [from, to) into `out`, by their beginning at this level.
  void merge_into(std::map<std::int64_t, rollup>& out, std::uint32_t number, std::size_t level,
                  std::int64_t from, std::int64_t to) const;

  bool empty() const noexcept { return buckets_.empty(); }
  std::size_t size() const noexcept; ///< roll-ups
  void clear() noexcept { buckets_.clear(); }

private:
  std::map<std::int64_t, series> buckets_;
};

} // namespace xprober
