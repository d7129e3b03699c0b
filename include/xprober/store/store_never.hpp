#pragma once

#include <cstdint>
#include <string_view>

#include "xprober/domain/targets/wanted_targets.hpp"
#include "xprober/store/never_list.hpp"
#include "xprober/store/never_series.hpp"
#include "xprober/store/store_names.hpp"
#include "xprober/store/store_part.hpp"
#include "xprober/store/store_rows.hpp"

namespace xprober {

/// What is wanted of a store and has no row, see `never_series`. What is wanted changes more often
/// than anybody asks: so it is brought up by the next question where targets or regions are others
/// than before, which goes through all rows once.
class store_never {
public:
  /// `part`: of what is wanted only that is looked at.
  explicit store_never(store_part part) noexcept : part_(part) {}

  /// All that is wanted from now on; null: nothing.
  void want(wanted_targets_ptr wanted);

  /// A row has come: its agent and its target count it already.
  void note_row(const store_names& names, const series_row& fresh);
  /// A row is not among the rows any more, but its agent and its target still count it.
  void note_gone(const store_rows& rows, const store_names& names, const series_row& gone);

  /// Good until the next change.
  const never_series& series(const store_rows& rows, const store_names& names) const;
  /// By type and regions; worked out anew only where one of the numbers has changed.
  const never_list& groups(const store_rows& rows, const store_names& names) const;

private:
  bool is_watching() const noexcept { return !due_ && series_.watches(); }

  store_part part_;
  wanted_targets_ptr wanted_;
  mutable bool due_ = false; ///< `series_` is not of `wanted_` yet
  mutable never_series series_;
  mutable never_list groups_;
  mutable std::uint64_t groups_of_ = 0; ///< `series_.changes()` that they are of
};

} // namespace xprober
