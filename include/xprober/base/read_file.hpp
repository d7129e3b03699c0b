#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "xprober/domain/read_text.hpp"

namespace xprober {

/// All of a regular file of at most `max_bytes`. Never waits: a pipe is refused. The error is
/// "PATH: what happened".
read_text read_file(const std::string& path, std::uint64_t max_bytes);

/// A token or a password from its file: the line ends after it and a byte order mark in UTF-8 go,
/// and nothing else. A file without a secret, with control characters (but the tab) or of more than
/// 64 KiB is an error, "KEY: PATH: what is wrong".
read_text read_secret_file(std::string_view key, const std::string& path);

/// What editors of another system put in front of a text in UTF-8.
inline constexpr std::string_view byte_order_mark{"\xEF\xBB\xBF"};

} // namespace xprober
