#pragma once

#include <vector>

#include "xprober/domain/history/watched_targets.hpp"
#include "xprober/storage/database.hpp"

// The single targets that a history watches, in its file.

namespace xprober::storage {

/// Where it is missing; in a transaction of the caller's.
void make_watched_table(database& file);

/// `watched_targets::most` at most.
std::vector<watched_target> read_watched(database& file);

/// In the place of what was there, all or none.
void write_watched(database& file, const std::vector<watched_target>& all);

} // namespace xprober::storage
