#pragma once

namespace xprober::storage {

/// Bytes at the end of each page that hold its checksum. A database reserves them when it is made
/// (`SQLITE_FCNTL_RESERVE_BYTES`); one that was made without them is read as it is.
inline constexpr int page_checksum_bytes = 8;

/// The name of an SQLite VFS over the system's own: a page is written to a database's file with a
/// checksum of its content and its number, and a page that does not fit its checksum, or is there
/// in part, is not read: SQLITE_IOERR_DATA. So a byte that has changed on the disk is never taken
/// for data.
///
/// A checksum of zero is none: another program has taken the page out of a log that a kill had left
/// (`sqlite3` does so when it closes the file), and leaves zeros there. That is what a checkpoint
/// and VACUUM of another program may do. Pages that it changes otherwise keep the old checksum, and
/// so are damaged; VACUUM in the end rewrites all of them.
///
/// Limits: such a page is not checked until it is written again, nor is one whose checksum has
/// become eight zeros on the disk, unless all of it is zeros.
///
/// What cannot be read because of the device is SQLITE_IOERR_READ, and damaged only where that has
/// lasted (`unreadable_place`); so it is in the log. The log (-wal) has checksums of SQLite's own;
/// see `log_problem`.
const char* checked_vfs();

} // namespace xprober::storage
