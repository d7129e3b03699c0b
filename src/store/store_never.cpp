#include "xprober/store/store_never.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "xprober/store/never_row.hpp"

namespace xprober {

void store_never::want(wanted_targets_ptr wanted) {
  wanted_ = std::move(wanted);
  if (due_ || !series_.go_on(wanted_)) {
    due_ = true;
    series_.begin(nullptr, {}); // what was wanted before keeps a whole catalog
  }
}

const never_series& store_never::series(const store_rows& rows, const store_names& names) const {
  if (!std::exchange(due_, false)) {
    return series_;
  }
  const auto is_ours = [this](std::string_view region, std::string_view address,
                              std::string_view prober) {
    return part_.has(region, address, prober);
  };
  series_.begin(wanted_,
                part_.is_whole() ? never_series::is_ours{} : never_series::is_ours{is_ours});
  if (series_.watches()) {
    rows.for_each([&](slot s) {
      const auto& row = rows[s];
      series_.report(names.uid_hash(row.target), names.texts[names.agents[row.agent].region]);
    });
  }
  return series_;
}

const never_list& store_never::groups(const store_rows& rows, const store_names& names) const {
  const auto& now = series(rows, names);
  if (std::exchange(groups_of_, now.changes()) == now.changes()) {
    return groups_;
  }
  groups_ = count_never(now);
  return groups_;
}

void store_never::note_row(const store_names& names, const series_row& fresh) {
  if (is_watching()) {
    series_.report(names.uid_hash(fresh.target), names.texts[names.agents[fresh.agent].region]);
  }
}

void store_never::note_gone(const store_rows& rows, const store_names& names,
                            const series_row& gone) {
  if (!is_watching()) {
    return;
  }
  const auto region = names.agents[gone.agent].region;
  const auto others = names.agents.of_region(region);
  const auto has_row = [&](slot agent) { return rows.find(agent, gone.target) != no_slot; };
  if (std::ranges::none_of(others, has_row)) {
    series_.take_back(names.uid_hash(gone.target), names.texts[region],
                      names.targets.rows(gone.target) == 1);
  }
}

} // namespace xprober
