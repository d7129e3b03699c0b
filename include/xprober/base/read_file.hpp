#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "xprober/domain/read_text.hpp"

namespace xprober {

/// All of a regular file of at most `max_bytes`. Never waits: a pipe, a device and a socket are
/// refused. The error is "PATH: what happened".
read_text read_file(const std::string& path, std::uint64_t max_bytes);

/// The same, and what comes out of a pipe or a device until its end: for what a person names on the
/// command line (`/dev/stdin`, a shell's `<(command)`). Waits for as long as something comes, and
/// no longer than `patience` for the next bytes.
read_text read_input(const std::string& path, std::uint64_t max_bytes,
                     std::chrono::milliseconds patience = std::chrono::seconds{10});

/// Why `path` is not a file that `read_file` reads; empty where it is one. Does not open a pipe.
std::string file_problem(const std::string& path);

/// A token or a password from its file: the line ends after it and a byte order mark in UTF-8 go,
/// and nothing else. A file without a secret, with control characters (but the tab), of more than
/// 64 KiB, or one that everybody on this machine can write to is an error, "KEY: PATH: what is
/// wrong".
read_text read_secret_file(std::string_view key, const std::string& path);

/// What editors of another system put in front of a text in UTF-8.
inline constexpr std::string_view byte_order_mark{"\xEF\xBB\xBF"};

} // namespace xprober
