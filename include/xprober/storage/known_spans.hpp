#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "xprober/domain/known_span.hpp"
#include "xprober/storage/database.hpp"

namespace xprober::storage {

/// Makes the table of known spans where there is none.
void make_known_table(database& file);

/// Something is known of all these at `now_unix`: the last span of each becomes longer, or where it
/// ended longer ago than `known_gap` a new one begins. A time before the end of the last span, of a
/// clock that was set back, changes nothing. Within a transaction of the caller's.
void note_known(database& file, std::span<const std::string> names, std::int64_t now_unix);

/// All that end after this, by name and time; the newest 10,000.
std::vector<known_span> read_known(database& file, std::int64_t after_unix);

/// As it is. Within a transaction of the caller's.
void put_known(database& file, const known_span& span);

/// Forgets those that ended before this.
void prune_known(database& file, std::int64_t before_unix);

} // namespace xprober::storage
