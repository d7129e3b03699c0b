#include <algorithm>
#include <array>

#include <glob.h>
#include <sys/stat.h>

#include "xprober/base/read_file.hpp"
#include "xprober/config/discovered.hpp"
#include "xprober/domain/ascii.hpp"
#include "xprober/domain/targets/discovery.hpp"

namespace xprober::config {

namespace {

/// The line of "FILE:LINE: ..."; 0 if there is none.
int line_of(const std::string& error, std::size_t file_size) {
  int line = 0;
  for (auto i = file_size + 1; i < error.size() && ascii::is_digit(error[i]) && line < 100'000'000;
       ++i) {
    line = line * 10 + (error[i] - '0');
  }
  return line;
}

/// "FILE:LINE: what" or "FILE: what" with its parts apart.
problem problem_in(const std::string& path, const std::string& error) {
  const auto begin = error.find(": ", path.size());
  return {path, line_of(error, path.size()), "", error.substr(begin + 2)};
}

/// What is wrong with a list that is there: what the server refuses it for is a problem, what it
/// leaves out of it a warning.
void check_list(const std::string& path, const discovery_defaults& defaults,
                std::uint64_t max_targets, std::vector<problem>& problems,
                std::vector<problem>& warnings) {
  const auto text = read_file(path, max_list_file_bytes);
  if (!text.ok()) {
    problems.push_back(problem_in(path, text.error));
    return;
  }
  auto list = parse_discovered(text.text, path, format_of_file(path), max_targets);
  if (!list.ok()) {
    problems.push_back(problem_in(path, list.error));
    return;
  }
  const auto found = measure_list(list.groups, defaults, path, {max_targets});
  if (!found.error.empty()) {
    problems.push_back(problem_in(path, found.error));
  }
  auto bad = std::move(list.bad);
  bad.add(found.bad);
  for (const auto& wrong : bad.named) {
    if (wrong != found.error) {
      warnings.push_back(problem_in(path, wrong));
    }
  }
  if (bad.count > bad.named.size()) {
    warnings.push_back({path, 0, "",
                        std::to_string(bad.count) +
                            " targets, groups and labels are left out; these are the first " +
                            std::to_string(bad.named.size())});
  }
}

} // namespace

std::string check_list_pattern(std::string_view text) {
  constexpr std::array<std::string_view, 6> endings{".json", ".yml", ".yaml",
                                                    ".JSON", ".YML", ".YAML"};
  const auto star = text.find('*');
  const bool right_end = std::ranges::any_of(
      endings, [&](auto ending) { return text.size() > ending.size() && text.ends_with(ending); });
  const bool right_star = star == text.npos || (text.find('*', star + 1) == text.npos &&
                                                text.find('/', star) == text.npos);
  const bool clean = text.find('\0') == text.npos && text.size() < 4096;
  return right_end && right_star && clean
             ? std::string{}
             : in_quotes(text) +
                   " is not a path of lists; allowed are paths that end in .json, .yml or "
                   ".yaml, with one '*' at most, in their last part";
}

std::vector<std::string> find_list_files(const std::string& pattern) {
  if (pattern.find('*') == std::string::npos) {
    return {pattern};
  }
  ::glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) {
      struct ::stat status{};
      // A folder can have such a name, too; what is behind a link counts.
      if (::stat(found.gl_pathv[i], &status) != 0 || !S_ISDIR(status.st_mode)) {
        paths.emplace_back(found.gl_pathv[i]);
      }
    }
  }
  ::globfree(&found);
  std::ranges::sort(paths);
  return paths;
}

void check_target_files(const server_config& config, std::vector<problem>& problems,
                        std::vector<problem>& warnings) {
  for (const auto& entry : config.target_files) {
    for (const auto& pattern : entry.files) {
      for (const auto& path : find_list_files(pattern)) {
        if (::access(path.c_str(), F_OK) == 0) { // else it may come later
          check_list(path, entry.defaults, config.max_targets, problems, warnings);
        }
      }
    }
  }
}

} // namespace xprober::config
