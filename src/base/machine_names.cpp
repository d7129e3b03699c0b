#include "xprober/base/machine_names.hpp"

#include <array>
#include <fstream>
#include <sstream>

#include <unistd.h>

#include "xprober/domain/ascii.hpp"

namespace xprober {

std::vector<std::string> machine_names() {
  // gethostname(2): a name has at most 64 bytes on Linux.
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) {
    return {};
  }
  std::ostringstream text;
  const std::ifstream file{"/etc/resolv.conf"};
  if (file) {
    text << file.rdbuf();
  }
  return machine_names(name.data(), text.str());
}

std::vector<std::string> machine_names(const std::string& host_name,
                                       const std::string& resolv_conf) {
  const auto name = ascii::to_lower(host_name);
  std::vector<std::string> names;
  if (name.empty()) {
    return names;
  }
  names.push_back(name);
  if (name.find('.') != std::string::npos) {
    names.push_back(name.substr(0, name.find('.')));
    return names;
  }
  std::istringstream lines{resolv_conf};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::string word;
    words >> word;
    if (word != "search" && word != "domain") {
      continue;
    }
    while (words >> word) {
      names.push_back(name + "." + ascii::to_lower(word));
    }
  }
  return names;
}

} // namespace xprober
