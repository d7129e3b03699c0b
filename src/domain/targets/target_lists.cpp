#include "xprober/domain/targets/target_lists.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "xprober/domain/targets/membership.hpp"
#include "xprober/domain/wire/batch.hpp"

namespace xprober {

namespace {

bool same_crew(const target_lists::crew_ptr& a, const target_lists::crew_ptr& b) {
  return a == b || (a && b && a->names == b->names);
}

std::span<const agent_identity> agents_of(const std::vector<agent_identity>& agents,
                                          std::string_view region) {
  const auto begin =
      std::lower_bound(agents.begin(), agents.end(), region,
                       [](const auto& agent, auto wanted) { return agent.region < wanted; });
  const auto end =
      std::find_if(begin, agents.end(), [&](const auto& agent) { return agent.region != region; });
  return {begin, end};
}

/// In addresses. A group of its own has two texts and an allocation beside them.
std::uint64_t cost_of(const target_list& list) {
  constexpr std::uint64_t of_group = 4;
  std::uint64_t cost = of_group * list.size();
  for (const auto& group : list) {
    cost += group.targets.size();
  }
  return cost;
}

} // namespace

universe_change target_lists::enter(target_universe next) {
  auto change = compare_universes(universe_, next);
  universe_ = std::move(next);
  own_lists_ = regions_with_own_list(universe_);
  shared_.clear();
  ++step_;
  // Before the first list there is nothing that could differ from it.
  if (entries_.empty() || !change.complete || change.size > max_change_targets) {
    changes_.clear();
    changes_size_ = 0;
  } else {
    changes_.push_back(change);
    changes_size_ += change.size;
    while (changes_size_ > max_change_targets || changes_.size() > max_changes) {
      changes_size_ -= changes_.front().size;
      changes_.pop_front();
    }
  }
  for (auto i = entries_.begin(); i != entries_.end();) {
    auto& list = i->second;
    const bool known =
        list.region.empty() || own_lists_.contains(list.region) || is_shared(list.region);
    if (known && (list.address.empty() || is_shared(list.region))) {
      ++i;
    } else {
      drop_full(list);
      drop_ready(list);
      i = entries_.erase(i);
    }
  }
  return change;
}

void target_lists::set_agents(std::vector<agent_identity> agents) {
  agents_ = std::move(agents);
  crews_.clear();
}

bool target_lists::is_shared(std::string_view region) {
  if (region.empty()) {
    return false;
  }
  if (const auto known = shared_.find(region); known != shared_.end()) {
    return known->second;
  }
  const bool shared = shares_targets(universe_, region);
  // A stranger can name any region: those that nobody knows are not remembered.
  if (own_lists_.contains(region)) {
    shared_.emplace(region, shared);
  }
  return shared;
}

target_lists::crew_ptr target_lists::crew_of(std::string_view region, const std::string& address) {
  auto known = crews_.find(region);
  if (known == crews_.end()) {
    std::vector<std::string> names;
    for (const auto& agent : agents_of(agents_, region)) {
      names.push_back(agent.local_ip);
    }
    if (names.empty()) {
      names.push_back(address);
      return std::make_shared<const crew>(crew{names, rendezvous{names}});
    }
    std::sort(names.begin(), names.end());
    auto made = std::make_shared<const crew>(crew{names, rendezvous{names}});
    known = crews_.emplace(region, std::move(made)).first;
  }
  const auto& names = known->second->names;
  const auto at = std::lower_bound(names.begin(), names.end(), address);
  if (at != names.end() && *at == address) {
    return known->second;
  }
  // It has just asked for the first time: it takes its part at once, the others let go of it when
  // the registry has told of it.
  auto more = names;
  more.insert(more.begin() + (at - names.begin()), address);
  return std::make_shared<const crew>(crew{more, rendezvous{more}});
}

list_viewer target_lists::viewer_of(const entry& list, const crew_ptr& agents) const {
  if (!agents) {
    return {list.region};
  }
  const auto& names = agents->names;
  const auto at = std::lower_bound(names.begin(), names.end(), list.address);
  return {list.region, &agents->owners, static_cast<std::size_t>(at - names.begin())};
}

target_lists::entry& target_lists::look_up(std::string_view region, std::string_view local_ip) {
  std::string address;
  std::string name;
  if (is_shared(region)) {
    name = region;
    // Whoever cannot be told apart from others gets everything: some is probed twice then.
    address = canonical_host_address(local_ip).value_or("");
  } else if (own_lists_.contains(region)) {
    name = region;
  }
  auto known = entries_.find({name, address});
  if (known == entries_.end()) {
    if (entries_.size() >= max_lists) {
      forget_oldest();
    }
    known = entries_.emplace(key{name, address}, entry{}).first;
    known->second.region = std::move(name);
    known->second.address = std::move(address);
  }
  auto& list = known->second;
  list.last_used = ++uses_;
  bring_up(list);
  return list;
}

bool target_lists::collect(const entry& list, std::uint64_t step, const crew_ptr& agents,
                           const crew_ptr& agents_now, list_difference& out) const {
  const auto missing = step_ - step;
  if (missing > changes_.size()) {
    return false;
  }
  const auto before = viewer_of(list, agents);
  for (auto i = changes_.end() - static_cast<std::ptrdiff_t>(missing); i != changes_.end(); ++i) {
    out.add(*i, before);
  }
  if (!same_crew(agents, agents_now)) {
    out.reassign(universe_, before, viewer_of(list, agents_now));
  }
  return true;
}

void target_lists::bring_up(entry& list) {
  auto agents = list.address.empty() ? nullptr : crew_of(list.region, list.address);
  const bool is_new = !list.unchanged;
  if (!is_new && list.step == step_ && same_crew(list.agents, agents)) {
    return;
  }
  list_difference moves;
  if (is_new || !collect(list, list.step, list.agents, agents, moves)) {
    list.history.clear();
    list.step = step_;
    list.agents = std::move(agents);
    compose(list);
    return;
  }
  if (moves.size() > 0) {
    list.history.push_back({list.hash, list.step, list.agents});
    if (list.history.size() > max_past_revisions) {
      list.history.pop_front();
    }
    const auto added = moves.added();
    const auto removed = moves.removed();
    const auto base = list.hash;
    drop_full(list);
    renew(list, base + set_hash(added) - set_hash(removed),
          list.size + count_targets(added) - count_targets(removed));
    keep_ready(list, base, moves);
  }
  list.step = step_;
  list.agents = std::move(agents);
}

void target_lists::renew(entry& list, std::uint64_t hash, std::uint64_t size) {
  list.size = size;
  if (list.unchanged && list.hash == hash) {
    return; // put together again: the differences that lead to it are as good as before
  }
  list.hash = hash;
  list.revision = revision_text(hash);
  drop_ready(list);
  get_targets_response same;
  same.revision = list.revision;
  same.unchanged = true;
  same.batch_version = batch_version;
  list.unchanged = std::make_shared<const get_targets_response>(std::move(same));
}

void target_lists::compose(entry& list) {
  auto composed = compose_targets(universe_, viewer_of(list, list.agents));
  drop_full(list);
  renew(list, *parse_revision(composed.revision), composed.size);
  get_targets_response whole;
  whole.targets = std::move(composed.list);
  whole.revision = list.revision;
  whole.batch_version = batch_version;
  list.full = std::make_shared<const get_targets_response>(std::move(whole));
  list.full_cost = cost_of(list.full->targets);
  cached_targets_ += list.full_cost;
  make_room(list);
}

target_lists::answer target_lists::make_difference(const entry& list, std::uint64_t base,
                                                   const list_difference& moves) const {
  // A difference names what goes as well; above half of the list there is nothing to win.
  if (moves.size() > list.size / 2) {
    return nullptr;
  }
  get_targets_response part;
  part.base_revision = revision_text(base);
  part.added = moves.added();
  part.removed = moves.removed();
  part.revision = list.revision;
  part.batch_version = batch_version;
  return std::make_shared<const get_targets_response>(std::move(part));
}

target_lists::answer target_lists::difference(entry& list, std::uint64_t base) {
  if (const auto ready = list.ready.find(base); ready != list.ready.end()) {
    return ready->second;
  }
  const auto past = std::find_if(list.history.rbegin(), list.history.rend(),
                                 [&](const auto& p) { return p.hash == base; });
  list_difference moves;
  if (past == list.history.rend() || !collect(list, past->step, past->agents, list.agents, moves)) {
    return nullptr;
  }
  return keep_ready(list, base, moves);
}

target_lists::answer target_lists::keep_ready(entry& list, std::uint64_t base,
                                              const list_difference& moves) {
  const auto& kept = list.ready.emplace(base, make_difference(list, base, moves)).first->second;
  if (kept) {
    const auto cost = cost_of(kept->added) + cost_of(kept->removed);
    list.ready_targets += cost;
    cached_targets_ += cost;
    make_room(list);
  }
  return kept;
}

target_lists::answer target_lists::answer_from(entry& list, std::string_view base) {
  if (const auto hash = parse_revision(base)) {
    if (auto part = difference(list, *hash)) {
      return part;
    }
  }
  if (!list.full) {
    compose(list);
  }
  return list.full;
}

void target_lists::drop_full(entry& list) {
  if (list.full) {
    list.full = nullptr;
    cached_targets_ -= list.full_cost;
  }
}

void target_lists::drop_ready(entry& list) {
  list.ready.clear();
  cached_targets_ -= std::exchange(list.ready_targets, 0);
}

void target_lists::make_room(const entry& keep) {
  while (cached_targets_ > cache_limit_) {
    entry* oldest = nullptr;
    for (auto& [name, candidate] : entries_) {
      if ((candidate.full || candidate.ready_targets > 0) && &candidate != &keep &&
          (oldest == nullptr || candidate.last_used < oldest->last_used)) {
        oldest = &candidate;
      }
    }
    if (oldest == nullptr) {
      return;
    }
    drop_full(*oldest);
    drop_ready(*oldest);
  }
}

void target_lists::forget_oldest() {
  const auto oldest =
      std::min_element(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
        return a.second.last_used < b.second.last_used;
      });
  drop_full(oldest->second);
  drop_ready(oldest->second);
  entries_.erase(oldest);
}

} // namespace xprober
