#pragma once

#include <cstdint>

#include "xprober/store/series_state.hpp"
#include "xprober/store/store_aggregates.hpp"
#include "xprober/store/store_kinds.hpp"
#include "xprober/store/store_rows.hpp"
#include "xprober/store/store_values.hpp"

namespace xprober {

/// What adds up over the rows of a store: which kinds they are of, the aggregates of their groups,
/// and how many values they hold. It is told of each row when it comes, changes and goes; `where`
/// is the row's place in the aggregates, as `store_names::place_of` gives it.
class store_sums {
public:
  using place = store_aggregates::place;

  store_kinds& kinds() noexcept { return kinds_; }
  const store_kinds& kinds() const noexcept { return kinds_; }
  const store_aggregates& aggregates() const noexcept { return aggregates_; }
  std::uint64_t values() const noexcept { return values_; } ///< of the rows whose values count

  /// A row has come, without values that count.
  void add_row(const place& where, const series_row& fresh);
  /// A row goes, whose values count no more.
  void remove_row(const place& where, const series_row& gone);

  /// The values that stand in a row count from now on, or no more.
  void add_values(const place& where, const series_row& row);
  void remove_values(const place& where, const series_row& row);
  /// Another probe stands in a row, whose values count as those of `before` did.
  void replace_values(const place& where, const probe_values& before, const series_row& row);
  /// Another probe stands in a row, whose values do not count.
  void change_kind(const place& where, kind_number before, const series_row& row);

  /// What a row remembers is something else; `usual_ms` as in `series_memory`, of before.
  void change_memory(const place& where, series_state before, float usual_ms,
                     const series_row& row) {
    const auto kind = row.latest.kind;
    aggregates_.change_usual(where, kinds_[kind], kind, usual_ms, row.memory.usual_ms);
    if (before != row.memory.state) {
      aggregates_.change_state(where, kinds_[kind], kind, before, row.memory.state);
    }
  }

private:
  void move_kind(const place& where, kind_number before, const series_row& row);

  store_kinds kinds_;
  store_aggregates aggregates_;
  std::uint64_t values_ = 0;
};

} // namespace xprober
