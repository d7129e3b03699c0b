#pragma once

#include <array>
#include <string>
#include <string_view>

#include "xprober/app/command_tree.hpp"

namespace xprober::app {

/// The shells that there are completions for.
inline constexpr std::array<std::string_view, 3> completion_shells{"bash", "fish", "zsh"};

/// A script that has a shell complete commands, options, their values where these are words, and
/// names of files. `shell` is one of `completion_shells`.
std::string completion_script(const command_tree& program, std::string_view shell);

} // namespace xprober::app
