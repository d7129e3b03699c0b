#include "xprober/store/stored_row.hpp"

namespace xprober {

stored_target stored_row(const store_table& table, const store_table::view& v, bool fresh) {
  const auto& kind = table.kinds()[v.latest->kind];
  stored_target row;
  row.source_region = table.text(v.source_region);
  row.agent = table.text(v.agent);
  row.kind = kind.kind;
  row.target = {table.text(v.target_region), table.text(v.address),
                prober_name{table.text(v.prober)}};
  row.unix_seconds = v.latest->unix_seconds;
  row.status = table.status(v);
  if (!fresh) {
    return row;
  }
  row.success = v.latest->get(0);
  row.values = columns_of(*row.kind, *v.latest);
  for (const auto cell : kind.mean_cells) {
    if (v.latest->get(cell).value_or(0) < 0) {
      row.values.clear(kind.columns[cell]);
    }
  }
  return row;
}

series_status shown_status(const store_table& table, const store_table::view& v,
                           const lost_agents& lost) {
  auto status = table.status(v);
  if (!lost.empty()) {
    lost.mark(status, table.text(v.source_region), table.text(v.agent));
  }
  return status;
}

bool tells_reason(const series_status& status) noexcept {
  switch (status.state) {
  case series_state::failing:
  case series_state::prober_fault:
  case series_state::stale:
  case series_state::never: return true;
  case series_state::ok:
  case series_state::degraded: break;
  }
  return false;
}

} // namespace xprober
