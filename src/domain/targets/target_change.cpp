#include "xprober/domain/targets/target_change.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "target_groups.hpp"

namespace xprober {

namespace {

/// Bits of a mask that stand for one source each; the next one stands for all others.
constexpr std::size_t mask_bits = 60;

std::uint64_t bit_of(std::size_t source) noexcept {
  return std::uint64_t{1} << std::min(source, mask_bits);
}

/// Which sources name an address.
struct naming {
  std::uint64_t before = 0;
  std::uint64_t after = 0;
};

using candidates = std::unordered_map<std::string_view, naming>;

/// Notes what one of two sources has and the other has not. Lists mostly differ in their midst.
void note_differences(const target_source& a, const target_source& b, candidates& out) {
  std::size_t begin = 0;
  std::size_t a_end = a.size();
  std::size_t b_end = b.size();
  while (begin < a_end && begin < b_end && a.at(begin) == b.at(begin)) {
    ++begin;
  }
  while (a_end > begin && b_end > begin && a.at(a_end - 1) == b.at(b_end - 1)) {
    --a_end;
    --b_end;
  }
  std::unordered_set<std::string_view> missing;
  missing.reserve(a_end - begin);
  for (auto i = begin; i < a_end; ++i) {
    missing.insert(a.at(i));
  }
  for (auto i = begin; i < b_end; ++i) {
    if (missing.erase(b.at(i)) == 0) {
      out.try_emplace(b.at(i));
    }
  }
  for (const auto address : missing) {
    out.try_emplace(address);
  }
}

bool same_kind(const target_source& a, const target_source& b) {
  return a.is_mesh() == b.is_mesh() && *a.rule == *b.rule;
}

bool shares_memory(const target_source& a, const target_source& b) {
  return !a.is_mesh() && a.size() == b.size() && a.addresses.data() == b.addresses.data();
}

candidates changed_addresses(std::span<const target_source> before,
                             std::span<const target_source> after) {
  candidates changed;
  const target_source nothing{&mesh_rule(), {}, {}};
  for (const auto& old : before) {
    const auto twin =
        std::ranges::find_if(after, [&](const auto& other) { return same_kind(old, other); });
    const auto& now = twin == after.end() ? nothing : *twin;
    if (!shares_memory(old, now)) {
      note_differences(old, now, changed);
    }
  }
  for (const auto& now : after) {
    if (std::ranges::none_of(before, [&](const auto& old) { return same_kind(old, now); })) {
      note_differences(nothing, now, changed);
    }
  }
  return changed;
}

std::vector<probe_rule> rules_of(std::uint64_t mask, std::span<const target_source> sources) {
  std::vector<probe_rule> rules;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if ((mask & bit_of(i)) != 0) {
      rules.push_back(*sources[i].rule);
    }
  }
  std::sort(rules.begin(), rules.end());
  rules.erase(std::unique(rules.begin(), rules.end()), rules.end());
  return rules;
}

/// Compares one group of two universes.
class group_comparison {
public:
  group_comparison(const group_key& key, std::span<const target_source> before,
                   std::span<const target_source> after, universe_change& out)
      : key_(key), before_(before), after_(after), out_(out),
        changed_(changed_addresses(before, after)) {}

  void run() {
    if (changed_.empty()) {
      return;
    }
    mark(before_, &naming::before);
    mark(after_, &naming::after);
    out_.complete &= before_.size() <= mask_bits && after_.size() <= mask_bits;
    collect(before_);
    collect(after_);
  }

private:
  void mark(std::span<const target_source> sources, std::uint64_t naming::* side) {
    for (std::size_t i = 0; i < sources.size(); ++i) {
      sources[i].for_each([&](std::string_view address) {
        if (const auto known = changed_.find(address); known != changed_.end()) {
          known->second.*side |= bit_of(i);
        }
      });
    }
  }

  /// Moves what these sources name out of the candidates, in the order written.
  void collect(std::span<const target_source> sources) {
    for (const auto& source : sources) {
      source.for_each([&](std::string_view address) {
        const auto known = changed_.find(address);
        if (known == changed_.end()) {
          return;
        }
        group_of(known->second).addresses.emplace_back(address);
        ++out_.size;
        changed_.erase(known);
      });
    }
  }

  changed_targets& group_of(const naming& named) {
    const auto [i, fresh] = index_.try_emplace({named.before, named.after}, out_.groups.size());
    if (fresh) {
      out_.groups.push_back({key_.type,
                             std::string{key_.region},
                             rules_of(named.before, before_),
                             rules_of(named.after, after_),
                             {}});
    }
    return out_.groups[i->second];
  }

  const group_key& key_;
  std::span<const target_source> before_;
  std::span<const target_source> after_;
  universe_change& out_;
  candidates changed_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::size_t> index_;
};

bool probes_any(const list_viewer& viewer, const std::vector<probe_rule>& rules,
                const changed_targets& group, std::uint64_t hash) {
  return std::ranges::any_of(
      rules, [&](const auto& rule) { return viewer.probes(rule, group.type, group.region, hash); });
}

} // namespace

universe_change compare_universes(const target_universe& before, const target_universe& after) {
  universe_change change;
  const auto old_groups = groups_of(before);
  const auto new_groups = groups_of(after);
  for (const auto& g : old_groups.groups()) {
    group_comparison{g.key, g.sources, new_groups.sources(g.key), change}.run();
  }
  for (const auto& g : new_groups.groups()) {
    if (old_groups.sources(g.key).empty()) {
      group_comparison{g.key, {}, g.sources, change}.run();
    }
  }
  return change;
}

target_changes ends_of(const universe_change& change) {
  target_changes ends;
  for (const auto& group : change.groups) {
    if (group.before.empty() == group.after.empty()) {
      continue;
    }
    auto& out = group.after.empty() ? ends.gone : ends.come;
    for (const auto& address : group.addresses) {
      out.push_back({group.region, address, group.type});
      take_user(group.type, out.back().address); // results come without it
    }
  }
  return ends;
}

void keep_named(target_changes& ends, const target_universe& universe) {
  std::unordered_set<target_uid, target_uid_hash> gone;
  for (const auto& uid : ends.gone) {
    if (may_hold_user(uid.type)) {
      gone.insert(uid);
    }
  }
  if (gone.empty()) {
    return;
  }
  std::unordered_set<target_uid, target_uid_hash> named;
  const auto table = groups_of(universe);
  for (const auto& g : table.groups()) {
    target_uid uid{std::string{g.key.region}, {}, g.key.type};
    for (const auto& s : g.sources) {
      if (!may_hold_user(uid.type)) {
        break;
      }
      s.for_each([&](std::string_view address) {
        uid.address = address;
        take_user(uid.type, uid.address);
        if (gone.contains(uid)) {
          named.insert(uid);
        }
      });
    }
  }
  std::erase_if(ends.gone, [&](const target_uid& uid) { return named.contains(uid); });
}

target_changes diff_universes(const target_universe& before, const target_universe& after) {
  return ends_of(compare_universes(before, after));
}

list_difference::group& list_difference::group_of(std::string_view type, std::string_view region) {
  return groups_.try_emplace({type, region}, group{type, region, {}}).first->second;
}

void list_difference::add(const universe_change& change, const list_viewer& viewer) {
  for (const auto& changed : change.groups) {
    const auto type = to_string(changed.type);
    const group_hash hash{type, changed.region};
    auto& moves = group_of(type, changed.region).moves;
    for (const auto& address : changed.addresses) {
      const auto h = hash.of(address);
      const int was = probes_any(viewer, changed.before, changed, h) ? 1 : 0;
      const int is = probes_any(viewer, changed.after, changed, h) ? 1 : 0;
      if (was != is) {
        moves[address] += is - was;
      }
    }
  }
}

void list_difference::reassign(const target_universe& universe, const list_viewer& before,
                               const list_viewer& after) {
  const auto table = groups_of(universe, &after.region);
  for (const auto& g : table.groups()) {
    const auto is_shared = [](const target_source& s) { return s.rule->sharding; };
    if (std::ranges::none_of(g.sources, is_shared)) {
      continue;
    }
    // What an entry without sharding names, too, stays with everybody.
    std::unordered_set<std::string_view> settled;
    for (const auto& s : g.sources) {
      if (!is_shared(s) && g.sources.size() > 1) {
        s.for_each([&](std::string_view address) { settled.insert(address); });
      }
    }
    const auto type = to_string(g.key.type);
    const group_hash hash{type, g.key.region};
    auto& moves = group_of(type, g.key.region).moves;
    for (const auto& s : g.sources) {
      if (!is_shared(s)) {
        continue;
      }
      s.for_each([&](std::string_view address) {
        const auto h = hash.of(address);
        const int was = before.probes(*s.rule, g.key.type, g.key.region, h) ? 1 : 0;
        const int is = after.probes(*s.rule, g.key.type, g.key.region, h) ? 1 : 0;
        if (was != is && (g.sources.size() == 1 || settled.insert(address).second)) {
          moves[address] += is - was;
        }
      });
    }
  }
}

std::uint64_t list_difference::size() const noexcept {
  std::uint64_t count = 0;
  for (const auto& [key, g] : groups_) {
    count += static_cast<std::uint64_t>(
        std::ranges::count_if(g.moves, [](const auto& move) { return move.second != 0; }));
  }
  return count;
}

target_list list_difference::list(int sign) const {
  target_list out;
  for (const auto& [key, g] : groups_) {
    target_group moved{std::string{g.type}, std::string{g.region}, {}};
    for (const auto& [address, move] : g.moves) {
      if (move * sign > 0) {
        moved.targets.emplace_back(address);
      }
    }
    if (!moved.targets.empty()) {
      out.push_back(std::move(moved));
    }
  }
  return out;
}

} // namespace xprober
