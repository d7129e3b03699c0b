// `xprober agent` with a kind of probe that the program does not have:
//   toy_agent XPROBER agent --config FILE [--set KEY=VALUE]...
// XPROBER is the program in whose place it stands, and is left out.

#include <string_view>

#include "toy/toy_engine.hpp"
#include "xprober/app/commands.hpp"

int main(int argc, char** argv) {
  xprober::app::config_source source;
  for (int i = 1; i + 1 < argc; ++i) {
    const std::string_view option{argv[i]};
    if (option == "--config") {
      source.file = argv[++i];
    } else if (option == "--set") {
      source.overrides.emplace_back(argv[++i]);
    }
  }
  return xprober::app::agent_command(source, probers_with_toy());
}
