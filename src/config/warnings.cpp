#include "xprober/config/warnings.hpp"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/spelling.hpp"
#include "xprober/domain/string_hash.hpp"
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

/// What an entry says of all its targets: where it is the same, two mentions of a target are one.
std::uint64_t hash_of(const target_entry& entry) {
  std::vector<std::string_view> sources{entry.source_regions.begin(), entry.source_regions.end()};
  std::ranges::sort(sources);
  const auto repeated = std::ranges::unique(sources);
  sources.erase(repeated.begin(), repeated.end());
  auto hash = combine_hash(hash_bytes(entry.prober_type), entry.region);
  for (const auto source : sources) {
    hash = combine_hash(hash, source);
  }
  return hash;
}

/// Where each target of a list is named first. A list can have millions: of each there is a hash
/// and a place.
class first_mentions {
public:
  explicit first_mentions(const std::vector<target_entry>& entries) : entries_(entries) {
    std::size_t targets = 0;
    for (const auto& entry : entries) {
      hashes_.push_back(hash_of(entry));
      targets += entry.target.size();
    }
    places_.reserve(targets);
  }

  /// The entry that has named a target before; `none` where none has. Of two different targets with
  /// one hash the second is not remembered: a warning is all that is lost.
  std::size_t before(std::size_t entry, std::size_t target) {
    const auto& text = entries_[entry].target[target];
    const place here{static_cast<std::uint32_t>(entry), static_cast<std::uint32_t>(target)};
    const auto [found, fresh] =
        places_.try_emplace(combine_hash(hashes_[entry], hash_bytes(text)), here);
    const auto first = found->second;
    const bool same = !fresh && hashes_[first.entry] == hashes_[entry] &&
                      entries_[first.entry].target[first.target] == text;
    return same ? first.entry : none;
  }

  static constexpr auto none = static_cast<std::size_t>(-1);

private:
  struct place {
    std::uint32_t entry;
    std::uint32_t target;
  };

  const std::vector<target_entry>& entries_;
  std::vector<std::uint64_t> hashes_; ///< of the entries
  std::unordered_map<std::uint64_t, place> places_;
};

} // namespace

void warn_of_near_kind(section& entry, std::string_view prober_type) {
  const auto known = names_of_kinds();
  if (find_kind(prober_type) != nullptr || near_name(prober_type, known).empty()) {
    return;
  }
  entry.warn("prober_type", in_quotes(prober_type) +
                                " is not built in; agents without a module of that name skip "
                                "these targets" +
                                meant(prober_type, known));
}

void warn_of_duplicates(const std::vector<target_entry>& entries, const std::string& list,
                        const node& where, findings& found) {
  first_mentions mentions{entries};
  for (std::size_t i = 0; i < entries.size(); ++i) {
    for (std::size_t k = 0; k < entries[i].target.size() && !found.has_enough_warnings(); ++k) {
      const auto first = mentions.before(i, k);
      if (first == first_mentions::none) {
        continue;
      }
      auto shown = entries[i].target[k];
      take_user(prober_name{entries[i].prober_type}, shown);
      found.warn({*where.origin, entries[i].line, list + "[" + std::to_string(i) + "].target",
                  in_quotes(shown) + " is named before, in the entry on line " +
                      std::to_string(entries[first].line) + "; it is probed once"});
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
                  "the agent of this file has no module " + in_quotes(type) +
                      " and skips these targets" + meant(type, known)});
    }
  }
}

} // namespace xprober::config
