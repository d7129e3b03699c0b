#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "xprober/domain/wire/kind_codec.hpp"
#include "xprober/store/never_list.hpp"
#include "xprober/store/never_series.hpp"
#include "xprober/store/snapshot.hpp"

// What was never reported, as the rows that are shown: without an agent and without values.

namespace xprober {

/// Why there is no result: "no_agent", or "not_probed" where agents are there.
std::string_view never_reason(const never_target& of) noexcept;

/// With the reason and a sentence.
series_status never_status(const never_target& of);

/// The name of the kind; of a module that of the module, whose kind only results tell.
std::string_view never_kind_name(const wanted_group& group) noexcept;
/// The kind; of a module one of the module's name that has no columns.
kind_ptr never_kind(const wanted_group& group);

stored_target never_row(const never_target& of);

/// True for what `never_row` made.
bool is_never_row(const stored_target& row) noexcept;

/// Adds numbers by type and regions, sorted by these; what is in both adds up.
void merge_never(std::vector<never_group>& whole, std::vector<never_group> part);

/// Of more groups than `most`, which are sorted, those behind it add up by type and source region,
/// without a target region.
void bound_never(std::vector<never_group>& whole, std::size_t most);

/// Numbers by type and regions as `never_list` has them, put together from those of `never`.
never_list count_never(const never_series& never);

} // namespace xprober
