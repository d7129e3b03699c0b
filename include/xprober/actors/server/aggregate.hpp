#pragma once

#include "xprober/actors/snapshot.hpp"
#include "xprober/store/store_table.hpp"

namespace xprober {

/// What is in the table, from rows that are not too old: the means of each (source region, target
/// region) pair of icmp targets and of each (source region, URL), and with `with_targets` every
/// row, newest first. A time or a rate below 0 (not measured) is absent from rows as from means.
/// Without rows it looks at none but those that are too old and not dropped yet.
store_snapshot make_snapshot(const store_table& table, monotonic_time now, bool with_targets);

/// Adds what is in another part of the store: no row is in two of them. Rows come one part after
/// the other.
void merge_snapshot(store_snapshot& whole, const store_snapshot& part);

} // namespace xprober
