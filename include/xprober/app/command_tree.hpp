#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace xprober::app {

/// An option of a command, or (with `names` of one without dashes) what stands behind the options.
struct command_option {
  std::vector<std::string> names;   ///< "-h", "--help"
  std::string value;                ///< what it takes: "FILE"; empty: nothing, it is a flag
  std::string allowed;              ///< as the parser words it, "INT in [1 - 65535]"; may be empty
  std::vector<std::string> choices; ///< all that is allowed, where these are words
  std::string preset;               ///< without the option; may be empty
  std::string help;
  bool required = false;
  bool repeated = false; ///< takes several values one behind the other
};

/// A command with all that it takes, as the parser knows it: whatever tells people of the command
/// line (the manual, the shells' completions) is made from this.
struct command_tree {
  std::string path; ///< "xprober", "xprober agent"
  std::string help;
  std::vector<command_option> options;
  std::vector<command_option> operands;
  std::vector<command_tree> commands;
};

/// What a parser takes, but for what it hides (an empty group).
command_tree describe(const CLI::App& parser);

/// A command and all below it, the command first.
std::vector<const command_tree*> all_of(const command_tree& top);

/// The last word of its path.
std::string name_of(const command_tree& command);

} // namespace xprober::app
