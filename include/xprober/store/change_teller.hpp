#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "xprober/store/series_change.hpp"
#include "xprober/store/state_feed.hpp"
#include "xprober/store/store_failures.hpp"
#include "xprober/store/store_kinds.hpp"
#include "xprober/store/store_names.hpp"
#include "xprober/store/store_rows.hpp"

namespace xprober {

/// Says what a store's feed has noted in a way that is understood outside of the store: with the
/// names of agents and targets that were not named yet, and the texts of failures. For one telling;
/// it keeps references to all that it is given.
class change_teller {
public:
  change_teller(const store_rows& rows, const store_names& names, const store_kinds& kinds,
                const store_failures& failures)
      : rows_(rows), names_(names), kinds_(kinds), failures_(failures) {}

  /// What has changed and was not taken yet, at most `limit` series of it.
  series_changes take(state_feed& feed, std::size_t limit);

private:
  void tell(state_feed& feed, slot row, const series_sight& before);
  void name_owners(state_feed& feed, const series_row& row);
  std::uint32_t failure_of(slot number);

  const store_rows& rows_;
  const store_names& names_;
  const store_kinds& kinds_;
  const store_failures& failures_;
  series_changes out_;
  std::unordered_map<slot, std::uint32_t> told_; ///< failures, with their places in `out_`
};

} // namespace xprober
