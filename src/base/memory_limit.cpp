#include "xprober/base/memory_limit.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>

namespace xprober {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();
/// cgroup v1 says "none" with the largest multiple of a page; nobody has an eighth of that.
constexpr std::uint64_t beyond_any = std::uint64_t{1} << 60U;

/// "max" and what cannot be read is none.
std::uint64_t limit_in(const fs::path& file) {
  std::uint64_t value = 0;
  std::ifstream in{file};
  return in >> value && value < beyond_any ? value : no_limit;
}

/// The least of a group's and those above it, up to the mount.
std::uint64_t least_limit(const fs::path& mount, const std::string& group, const char* name) {
  auto relative = fs::path{group}.relative_path();
  std::uint64_t least = limit_in(mount / name);
  for (; !relative.empty(); relative = relative.parent_path()) {
    least = std::min(least, limit_in(mount / relative / name));
  }
  return least;
}

/// Whether `controllers`, "cpu,memory", has it.
bool has_memory(std::string_view controllers) {
  while (!controllers.empty()) {
    const auto end = std::min(controllers.find(','), controllers.size());
    if (controllers.substr(0, end) == "memory") {
      return true;
    }
    controllers.remove_prefix(std::min(end + 1, controllers.size()));
  }
  return false;
}

} // namespace

std::uint64_t memory_limit_of_group(const fs::path& root) {
  std::uint64_t least = no_limit;
  std::ifstream groups{root / "proc/self/cgroup"};
  const auto mounts = root / "sys/fs/cgroup";
  // "0::/system.slice/x.service" is v2, "4:memory:/docker/1f" v1.
  for (std::string line; std::getline(groups, line);) {
    const auto first = line.find(':');
    const auto second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) {
      continue;
    }
    const auto controllers = std::string_view{line}.substr(first + 1, second - first - 1);
    const auto group = line.substr(second + 1);
    if (controllers.empty()) {
      least = std::min(least, least_limit(mounts, group, "memory.max"));
    } else if (has_memory(controllers)) {
      least = std::min(least, least_limit(mounts / "memory", group, "memory.limit_in_bytes"));
    }
  }
  return least == no_limit ? 0 : least;
}

std::uint64_t memory_limit_of_machine(const fs::path& root) {
  std::ifstream info{root / "proc/meminfo"};
  for (std::string name; info >> name;) {
    std::uint64_t kib = 0;
    if (name == "MemTotal:" && info >> kib) {
      return kib / 5 * 4 * 1024;
    }
    info.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return 0;
}

} // namespace xprober
