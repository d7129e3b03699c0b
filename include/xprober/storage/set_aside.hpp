#pragma once

#include <string>

namespace xprober::storage {

/// Moves a damaged file out of the way, a database with its log: "spool.db" becomes
/// "spool.db.damaged-20260102T030405Z". Gives the new name; throws database_error. Of those set
/// aside before the newest stay.
std::string set_aside(const std::string& path);

/// Copies the log of a database, which must be open, before what is damaged in it goes:
/// "spool.db-wal" to "spool.db-wal.damaged-20260102T030405Z", by the time of its last change, so
/// that the same log is copied once. Gives the copy's name; empty where the disk takes none.
std::string copy_log(const std::string& path);

} // namespace xprober::storage
