#pragma once

#include "xprober/store/lost_agents.hpp"
#include "xprober/store/snapshot.hpp"
#include "xprober/store/store_table.hpp"

namespace xprober {

/// A row of the table by its names, with its status as the table has it. One that is not `fresh`
/// has values that are too old, or none: it is told without.
stored_target stored_row(const store_table& table, const store_table::view& v, bool fresh);

/// The status of a row as it is shown: see `lost_agents`.
series_status shown_status(const store_table& table, const store_table::view& v,
                           const lost_agents& lost);

/// True where reason, phase and sentence of a status are of the present: what is well, lossy or
/// slow has those of its last failure, if it ever had one.
bool tells_reason(const series_status& status) noexcept;

} // namespace xprober
