#include <algorithm>
#include <utility>

#include "xprober/store/never_row.hpp"
#include "xprober/store/store_table.hpp"

// What is wanted and has no row.

namespace xprober {

void store_table::want(wanted_targets_ptr wanted) {
  wanted_ = std::move(wanted);
  if (never_due_ || !never_.go_on(wanted_)) {
    never_due_ = true;
    never_.begin(nullptr, {}); // what was wanted before keeps a whole catalog
  }
}

const never_series& store_table::never() const {
  if (!std::exchange(never_due_, false)) {
    return never_;
  }
  const auto is_ours = [this](std::string_view region, std::string_view address,
                              std::string_view prober) { return ours(region, address, prober); };
  never_.begin(wanted_, part_.of > 1 ? never_series::is_ours{is_ours} : never_series::is_ours{});
  if (never_.watches()) {
    for (const auto* ages : {&ages_, &waiting_, &stale_}) {
      for (slot s = ages->newest(); s != no_slot; s = rows_[s].older) {
        never_.report(uid_hash_of(rows_[s].target), text(agents_[rows_[s].agent].region));
      }
    }
  }
  return never_;
}

const never_list& store_table::never_groups() const {
  const auto& now = never();
  if (std::exchange(never_groups_of_, now.changes()) == now.changes()) {
    return never_groups_;
  }
  never_groups_ = count_never(now);
  return never_groups_;
}

std::uint64_t store_table::uid_hash_of(slot target) const {
  const auto& t = targets_[target];
  return stable_hash(text(t.region), text(t.address), text(t.prober));
}

void store_table::note_reported(const row& fresh) {
  if (!never_due_ && never_.watches()) {
    never_.report(uid_hash_of(fresh.target), text(agents_[fresh.agent].region));
  }
}

/// The row is not among the rows any more, but its agent and its target still count it.
void store_table::note_unreported(const row& gone) {
  if (never_due_ || !never_.watches()) {
    return;
  }
  const auto region = agents_[gone.agent].region;
  const auto others = agents_.of_region(region);
  const auto has_row = [&](slot agent) { return rows_.find({agent, gone.target}) != no_slot; };
  if (std::ranges::none_of(others, has_row)) {
    never_.take_back(uid_hash_of(gone.target), text(region), targets_.rows(gone.target) == 1);
  }
}

} // namespace xprober
