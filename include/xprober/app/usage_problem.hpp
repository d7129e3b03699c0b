#pragma once

#include <map>
#include <string>

#include <CLI/CLI.hpp>

namespace xprober::app {

/// The program's exit status where the command line cannot be used.
inline constexpr int bad_usage = 2;

/// What is wrong with a command line that could not be parsed: of a command or an option that does
/// not exist, which one is meant. `other_names` are names of commands that people may try.
std::string usage_problem(const CLI::App& app, const CLI::Error& error,
                          const std::map<std::string, std::string>& other_names);

} // namespace xprober::app
