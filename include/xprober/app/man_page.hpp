#pragma once

#include <string>
#include <vector>

#include "xprober/app/command_tree.hpp"

namespace xprober::app {

/// A page of the manual, in the form of man(7).
struct man_page {
  std::string name; ///< of its file: "xprober-agent.1"
  std::string text;
};

/// A page for the program and one for each of its commands, the program's first.
std::vector<man_page> man_pages(const command_tree& program);

} // namespace xprober::app
