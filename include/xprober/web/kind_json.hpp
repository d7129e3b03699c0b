#pragma once

#include <cstddef>
#include <string_view>

#include "xprober/domain/kind.hpp"
#include "xprober/web/json.hpp"

namespace xprober::web {

/// What every kind says of a probe, whatever its columns are called, so that a reader needs to know
/// none of them.

/// A column's number, in the form of its own; null where it was not measured.
json column_json(const probe_kind& kind, const column_values& values, std::size_t column);

/// The time that a probe is about, in milliseconds: the kind's duration, or its phases together,
/// which of one that did not succeed are no such time. Null where it was not measured.
json time_json(const probe_kind& kind, const column_values& values, bool succeeded);

/// What was lost, in percent; null where the kind measures none, or it was not measured.
json loss_json(const probe_kind& kind, const column_values& values);

/// What a role is called.
std::string_view to_string(column_role role) noexcept;

/// The columns that a server keeps of a kind beside its success, in their order: `[{key, role,
/// unit}]`; those of the role "phase" stand in `phases_ms` of what was measured.
json columns_json(const probe_kind& kind);

} // namespace xprober::web
