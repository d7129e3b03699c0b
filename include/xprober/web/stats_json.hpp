#pragma once

#include <string>

#include "xprober/actors/snapshot.hpp"

namespace xprober::web {

/// `/stats`: everything the stats actor knows, in the form of the role that the snapshot names.
/// Numbers are numbers, times are in the unit of their key's name.
std::string stats_json(const stats_snapshot& stats);

} // namespace xprober::web
