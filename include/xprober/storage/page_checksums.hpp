#pragma once

namespace xprober::storage {

/// Bytes at the end of each page that hold its checksum. A database reserves them when it is made
/// (`SQLITE_FCNTL_RESERVE_BYTES`); one that was made without them is read as it is.
inline constexpr int page_checksum_bytes = 8;

/// The name of an SQLite VFS over the system's own: a page is written to a database's file with a
/// checksum of its content and its number, and a page that does not fit its checksum is not read:
/// SQLITE_IOERR_DATA. So a byte that has changed on the disk is never taken for data. A checksum of
/// zero is none: another program (`sqlite3` after a crash) has written the page.
///
/// The log (-wal) has checksums of SQLite's own; see `log_problem`.
const char* checked_vfs();

} // namespace xprober::storage
