#include "xprober/discovery/watch_plan.hpp"

#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include "xprober/config/discovered.hpp"

namespace xprober::service_discovery {

namespace {

namespace fs = std::filesystem;

/// As many as the kernel follows (path_resolution(7)).
constexpr int most_links = 40;

std::string joined(const std::string& folder, std::string_view name) {
  return (folder == "." ? "" : folder == "/" ? "/" : folder + "/") + std::string{name};
}

/// Puts the parts of a path in front of those that are left, the next one last.
void push_parts(std::string_view path, std::vector<std::string>& left) {
  std::size_t end = path.size();
  while (end != path.npos && end > 0) {
    const auto slash = path.find_last_of('/', end - 1);
    const auto begin = slash == path.npos ? 0 : slash + 1;
    if (const auto part = path.substr(begin, end - begin); !part.empty() && part != ".") {
      left.emplace_back(part);
    }
    end = slash;
  }
}

/// Goes along one path.
class walk {
public:
  explicit walk(watch_plan& plan) : plan_(plan) {}

  /// Where `path` leads to, seen from the folder `at`; nothing where it leads nowhere.
  std::optional<std::string> follow(std::string at, std::string_view path) {
    std::vector<std::string> left;
    push_parts(path, left);
    at = path.starts_with('/') ? "/" : std::move(at);
    int links = 0;
    while (!left.empty()) {
      const auto name = std::move(left.back());
      left.pop_back();
      if (name == "..") {
        at = joined(at, name);
        continue;
      }
      const auto here = joined(at, name);
      std::error_code error;
      const auto status = fs::symlink_status(here, error);
      auto& folder = plan_[at];
      folder.names.insert(name);
      if (fs::is_directory(status)) {
        at = here;
        continue;
      }
      folder.needed = true;
      if (!fs::is_symlink(status)) {
        folder.content = true;
        return fs::exists(status) && left.empty() ? std::optional{here} : std::nullopt;
      }
      const auto target = fs::read_symlink(here, error).string();
      if (error || ++links > most_links) {
        return std::nullopt;
      }
      push_parts(target, left);
      at = target.starts_with('/') ? "/" : std::move(at);
    }
    return at;
  }

private:
  watch_plan& plan_;
};

} // namespace

watch_plan plan_watch(const std::vector<std::string>& patterns) {
  watch_plan plan;
  walk way{plan};
  for (const auto& pattern : patterns) {
    if (pattern.find('*') == pattern.npos) {
      way.follow(".", pattern);
      continue;
    }
    const auto slash = pattern.rfind('/');
    const auto folder = way.follow(".", slash == pattern.npos ? "" : pattern.substr(0, slash + 1));
    if (!folder) {
      continue;
    }
    auto& of_pattern = plan[*folder];
    of_pattern.all = of_pattern.content = of_pattern.needed = true;
    for (const auto& file : config::find_list_files(pattern)) {
      way.follow(*folder, std::string_view{file}.substr(slash == pattern.npos ? 0 : slash + 1));
    }
  }
  for (auto& [path, folder] : plan) {
    if (folder.all) {
      folder.names.clear();
    }
  }
  return plan;
}

} // namespace xprober::service_discovery
