#pragma once

#include "xprober/actors/snapshot.hpp"
#include "xprober/actors/store_table.hpp"

namespace xprober {

/// What is in the table, from rows that are not too old: the means of each (source region, target
/// region) pair of icmp targets and of each (source region, URL), and with `with_targets` every
/// row, newest first. A time or a rate below 0 (not measured) is absent from rows as from means.
/// One pass over the rows.
store_snapshot make_snapshot(const store_table& table, monotonic_time now, bool with_targets);

} // namespace xprober
