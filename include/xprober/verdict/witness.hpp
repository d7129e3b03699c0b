#pragma once

#include <span>

#include "xprober/verdict/incident_book.hpp"

namespace xprober {

/// True where results show that what an incident names works again, or nobody probes it any more:
/// most of its names (it has the first twenty) are well, and no pair of a path fails. What has no
/// results shows nothing, and what had failed before they stopped speaks against it.
bool is_well(const incident_track& track, std::span<const kind_picture> kinds);

/// True where sources that are behind may yet say otherwise.
bool awaits_backlog(const incident_track& track, std::span<const kind_picture> kinds);

} // namespace xprober
