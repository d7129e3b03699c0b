#pragma once

#include <string>

// Files that are this program's own, and those of the user's that hold secrets.
namespace xprober {

/// What this process creates from here on is for its owner alone (umask 077), whoever creates it.
void keep_files_private() noexcept;

/// Opens a file of this program's own with the flags of open(2). A link in its place is not
/// followed (errno is ELOOP), and no child inherits it. What is created is for its owner alone.
/// Negative: errno says why.
int open_private_file(const std::string& path, int flags) noexcept;

/// Creates a file to be written. What has the name goes first: neither a link that somebody has
/// laid nor a file that somebody has open is written to. Negative: errno says why.
int create_private_file(const std::string& path) noexcept;

/// Everybody on this machine may read, or write to, what `path` leads to. False where nothing is.
bool others_can_read(const std::string& path) noexcept;
bool others_can_write(const std::string& path) noexcept;

} // namespace xprober
