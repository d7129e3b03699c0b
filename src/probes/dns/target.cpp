#include "xprober/probes/dns/target.hpp"

#include <fstream>
#include <sstream>

namespace xprober::dns_query {

std::string first_server(const std::vector<std::string>& configured, const char* path) {
  if (!configured.empty()) {
    return configured.front();
  }
  std::ifstream file{path};
  for (std::string line; std::getline(file, line);) {
    std::istringstream words{line};
    std::string key;
    std::string value;
    if (words >> key >> value && key == "nameserver") {
      // As in the system's resolver, the unspecified address is this machine.
      return value == "0.0.0.0" ? "127.0.0.1" : value == "::" ? "::1" : value;
    }
  }
  return "127.0.0.1"; // resolv.conf(5): without a nameserver that of this machine
}

} // namespace xprober::dns_query
