#include "xprober/probes/dns/target.hpp"

#include <fstream>
#include <sstream>
#include <utility>

#include <sys/stat.h>

namespace xprober::dns_query {

namespace {

/// resolv.conf(5): without a nameserver that of this machine.
constexpr const char* this_machine = "127.0.0.1";

std::string first_server(std::istream& file) {
  for (std::string line; std::getline(file, line);) {
    std::istringstream words{line};
    std::string key;
    std::string value;
    if (words >> key >> value && key == "nameserver") {
      // As in the system's resolver, the unspecified address is this machine.
      return value == "0.0.0.0" ? this_machine : value == "::" ? "::1" : value;
    }
  }
  return this_machine;
}

} // namespace

system_server::system_server(const std::vector<std::string>& configured, std::string path)
    : path_(configured.empty() ? std::move(path) : std::string{}),
      name_(configured.empty() ? this_machine : configured.front()) {}

const std::string& system_server::name() {
  if (path_.empty()) {
    return name_;
  }
  struct stat now{};
  if (::stat(path_.c_str(), &now) != 0) {
    now = {};
  }
  const decltype(version_) version{static_cast<std::int64_t>(now.st_dev),
                                   static_cast<std::int64_t>(now.st_ino), now.st_size,
                                   now.st_mtim.tv_sec, now.st_mtim.tv_nsec};
  if (version == version_) {
    return name_;
  }
  std::ifstream file{path_};
  if (!file && version != decltype(version_){}) {
    return name_;
  }
  ++reads_;
  name_ = first_server(file);
  version_ = version;
  return name_;
}

} // namespace xprober::dns_query
