#pragma once

#include <string>

#include "xprober/app/command_tree.hpp"

namespace xprober::app {

/// `xprober man`: prints the program's page of the manual, or writes a file for each page into a
/// folder that is there. The exit status: 0, or 1 where a file cannot be written.
int manual_command(const command_tree& program, const std::string& folder);

} // namespace xprober::app
