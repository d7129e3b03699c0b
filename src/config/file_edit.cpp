#include "xprober/config/file_edit.hpp"

#include <algorithm>

namespace xprober::config {

namespace {

/// Whether a line begins with this key, at the top level.
bool begins_key(std::string_view line, std::string_view key) {
  if (!line.starts_with(key)) {
    return false;
  }
  line.remove_prefix(key.size());
  const auto next = line.find_first_not_of(' ');
  return next != line.npos && line[next] == ':';
}

/// Whether a line goes on with the value of the key before it: it is indented, or the item of a
/// list, or the end of what was begun with a bracket.
bool goes_on(std::string_view line) {
  if (line.starts_with("---") || line.empty()) {
    return false;
  }
  constexpr std::string_view beginnings = " \t-]}";
  return beginnings.find(line.front()) != beginnings.npos &&
         line.find_first_not_of(" \t\r") != line.npos;
}

} // namespace

std::string with_other_keys(std::string_view text, const std::vector<std::string>& keys,
                            std::string_view lines) {
  std::string out;
  bool replaced = false;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool is_blank_or_comment = line.find_first_not_of(" \t\r") == line.npos || line[0] == '#';
    if (!is_blank_or_comment && !(replaced && goes_on(line))) {
      replaced = std::ranges::any_of(keys, [&](const auto& key) { return begins_key(line, key); });
    }
    out += replaced && !is_blank_or_comment ? "# " : "";
    out += line;
    out += '\n';
  }
  if (!out.empty() && !out.ends_with("\n\n")) {
    out += '\n';
  }
  out += lines;
  return out;
}

} // namespace xprober::config
