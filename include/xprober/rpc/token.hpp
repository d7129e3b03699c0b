#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace xprober::rpc {

/// The token that a file holds (read_secret_file); empty for an empty file name. Throws
/// net::setup_error, which begins with `key`, for a file that cannot be read or is empty, and for
/// blanks in it or around it: a header cannot carry them.
std::string read_token_file(const std::string& file, std::string_view key = "rpc.token_file");

/// A shorter token could be guessed: 16 letters and digits are some 80 bits.
inline constexpr std::size_t shortest_asked_token = 16;

/// The same of a token that people have to show; one below `shortest_asked_token` is refused.
std::string read_asked_token(const std::string& file, std::string_view key);

/// The same of one that agents have to show: the log says that a shorter one could be guessed.
std::string read_agents_token(const std::string& file, std::string_view key = "rpc.token_file");

/// True if `header`, the value of an Authorization header, is `Bearer TOKEN`. Takes the same time
/// for every token of one length.
bool bearer_matches(std::string_view header, std::string_view token);

} // namespace xprober::rpc
