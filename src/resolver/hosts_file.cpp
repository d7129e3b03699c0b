#include "xprober/resolver/hosts_file.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <sys/stat.h>

#include "xprober/domain/ascii.hpp"

namespace asio = boost::asio;

namespace xprober::dns {

namespace {

constexpr const char* system_file = "/etc/hosts";

bool is_localhost(const std::string& host) {
  return host == "localhost" || host.ends_with(".localhost");
}

} // namespace

host_table read_hosts(std::istream& text) {
  host_table table;
  for (std::string line; std::getline(text, line);) {
    std::istringstream words{line.substr(0, line.find('#'))};
    std::string word;
    words >> word;
    boost::system::error_code wrong;
    const auto address = asio::ip::make_address(word, wrong);
    while (!wrong && words >> word) {
      auto& known = table[ascii::to_lower(word)];
      if (std::find(known.begin(), known.end(), address) == known.end()) {
        known.push_back(address);
      }
    }
  }
  return table;
}

std::vector<asio::ip::address> hosts_file::find(std::string host) {
  if (host.ends_with('.')) {
    host.pop_back(); // the same name, which is whole in any case
  }
  refresh();
  if (const auto at = table_.find(host); at != table_.end()) {
    return at->second;
  }
  if (is_localhost(host)) {
    return {asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()};
  }
  return {};
}

void hosts_file::refresh() {
  const char* other = std::getenv("CARES_HOSTS");
  const std::string path = other ? other : system_file;
  struct stat now{};
  if (::stat(path.c_str(), &now) != 0) {
    now = {};
  }
  const decltype(version_) version{static_cast<std::int64_t>(now.st_dev),
                                   static_cast<std::int64_t>(now.st_ino), now.st_size,
                                   now.st_mtim.tv_sec, now.st_mtim.tv_nsec};
  if (path == path_ && version == version_) {
    return;
  }
  std::ifstream file{path};
  if (!file && version != decltype(version_){}) {
    return; // no descriptor, perhaps: what was known holds until it can be read
  }
  table_ = read_hosts(file);
  path_ = path;
  version_ = version;
}

} // namespace xprober::dns
