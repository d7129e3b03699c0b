#include "xprober/domain/targets/target_set.hpp"

#include <algorithm>
#include <map>
#include <unordered_set>
#include <utility>

#include "xprober/domain/hex.hpp"
#include "xprober/domain/string_hash.hpp"

namespace xprober {

group_hash::group_hash(std::string_view prober_type, std::string_view region) noexcept
    : seed_(combine_hash(hash_bytes(prober_type), region)) {}

std::uint64_t group_hash::of(std::string_view target) const noexcept {
  return combine_hash(seed_, target);
}

std::uint64_t set_hash(const target_list& list) noexcept {
  std::uint64_t sum = 0;
  for (const auto& group : list) {
    const group_hash hash{group.prober_type, group.region};
    for (const auto& target : group.targets) {
      sum += hash.of(target);
    }
  }
  return sum;
}

std::uint64_t count_targets(const target_list& list) noexcept {
  std::uint64_t count = 0;
  for (const auto& group : list) {
    count += group.targets.size();
  }
  return count;
}

std::string revision_text(std::uint64_t hash) { return hex_number(hash); }

std::optional<std::uint64_t> parse_revision(std::string_view text) noexcept {
  return parse_uid_text(text);
}

std::string list_revision(const target_list& list) { return revision_text(set_hash(list)); }

void apply_difference(target_list& list, const target_list& added, const target_list& removed) {
  std::map<std::pair<std::string, std::string>, std::size_t> index;
  for (std::size_t i = 0; i < list.size(); ++i) {
    index.try_emplace({list[i].prober_type, list[i].region}, i);
  }
  for (const auto& group : removed) {
    const auto known = index.find({group.prober_type, group.region});
    if (known != index.end()) {
      const std::unordered_set<std::string_view> gone{group.targets.begin(), group.targets.end()};
      std::erase_if(list[known->second].targets,
                    [&](const auto& target) { return gone.contains(target); });
    }
  }
  for (const auto& group : added) {
    const auto [i, fresh] = index.try_emplace({group.prober_type, group.region}, list.size());
    if (fresh) {
      list.push_back({group.prober_type, group.region, {}});
    }
    auto& targets = list[i->second].targets;
    targets.insert(targets.end(), group.targets.begin(), group.targets.end());
  }
  std::erase_if(list, [](const auto& group) { return group.targets.empty(); });
}

} // namespace xprober
