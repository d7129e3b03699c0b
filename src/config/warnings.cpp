#include "xprober/config/warnings.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/spelling.hpp"
#include "xprober/domain/target.hpp"

namespace xprober::config {

namespace {

std::vector<std::string_view> names_of_kinds() {
  std::vector<std::string_view> names;
  for (const auto& kind : builtin_kinds()) {
    names.emplace_back(kind.name);
  }
  return names;
}

/// "; do you mean NAME?" where there is a near one.
std::string meant(std::string_view text, const std::vector<std::string_view>& known) {
  const auto near = near_name(text, known);
  return near.empty() ? std::string{} : "; do you mean " + std::string{near} + "?";
}

/// What makes two mentions of a target the same one.
std::string key_of(const target_entry& entry, const std::string& target) {
  std::string key;
  for (const auto* part : {&entry.prober_type, &entry.region, &target}) {
    key += *part + '\n';
  }
  for (const auto& region : entry.source_regions) {
    key += region + ',';
  }
  return key;
}

} // namespace

void warn_of_near_kind(section& entry, std::string_view prober_type) {
  const auto known = names_of_kinds();
  if (find_kind(prober_type) != nullptr || near_name(prober_type, known).empty()) {
    return;
  }
  entry.warn("prober_type", quoted(prober_type) +
                                " is not built in; agents without a module of that name skip "
                                "these targets" +
                                meant(prober_type, known));
}

void warn_of_duplicates(const std::vector<target_entry>& entries, const std::string& list,
                        const node& where, findings& found) {
  std::map<std::string, int> lines;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    for (const auto& target : entries[i].target) {
      const auto [first, fresh] = lines.try_emplace(key_of(entries[i], target), entries[i].line);
      if (!fresh) {
        auto shown = target;
        take_user(prober_name{entries[i].prober_type}, shown);
        found.warn({*where.origin, entries[i].line, list + "[" + std::to_string(i) + "].target",
                    quoted(shown) + " is named before, in the entry on line " +
                        std::to_string(first->second) + "; it is probed once"});
      }
    }
  }
}

void warn_of_unknown_types(const server_config& server, const agent_config& agent,
                           const node& where, findings& found) {
  auto known = names_of_kinds();
  for (const auto& [name, module] : agent.modules) {
    known.emplace_back(name);
  }
  for (std::size_t i = 0; i < server.prober_targets.size(); ++i) {
    const auto& entry = server.prober_targets[i];
    const auto& type = entry.prober_type;
    // What is nearly a kind has its warning already.
    if (!type.empty() && std::ranges::find(known, type) == known.end() &&
        near_name(type, names_of_kinds()).empty()) {
      found.warn({*where.origin, entry.line,
                  "server.prober_targets[" + std::to_string(i) + "].prober_type",
                  "the agent of this file has no module " + quoted(type) +
                      " and skips these targets" + meant(type, known)});
    }
  }
}

} // namespace xprober::config
