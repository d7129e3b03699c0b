#include "xprober/app/manual_command.hpp"

#include <fstream>
#include <iostream>

#include "xprober/app/man_page.hpp"

namespace xprober::app {

int manual_command(const command_tree& program, const std::string& folder) {
  const auto pages = man_pages(program);
  if (folder.empty()) {
    std::cout << pages.front().text;
    return 0;
  }
  for (const auto& page : pages) {
    const auto path = folder + "/" + page.name;
    std::ofstream file{path, std::ios::binary};
    file << page.text;
    file.close();
    if (!file) {
      std::cerr << path << ": cannot be written; name a directory that is there\n";
      return 1;
    }
  }
  return 0;
}

} // namespace xprober::app
