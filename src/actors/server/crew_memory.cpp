#include "xprober/actors/server/crew_memory.hpp"

#include "xprober/domain/targets/membership.hpp"

namespace xprober {

void crew_memory::enter(const std::vector<agent_identity>& active, monotonic_time now) {
  ++turn_;
  for (const auto& agent : active) {
    auto& known = regions_[agent.region][agent.local_ip];
    if (known.turn + 1 != turn_) {
      known.since = now;
    }
    known.turn = turn_;
  }
  for (auto& [region, agents] : regions_) {
    for (auto& [address, known] : agents) {
      if (known.turn + 1 == turn_) {
        known.left = now;
      }
    }
    std::erase_if(agents, [&](const auto& item) {
      const auto& known = item.second;
      return known.turn != turn_ && now - *known.left >= remembered;
    });
  }
  std::erase_if(regions_, [](const auto& item) { return item.second.empty(); });
  region_.clear();
  address_.clear();
}

monotonic_time crew_memory::list_time(const crew& agents, const std::string& address,
                                      monotonic_time now) const {
  const auto found = agents.find(address);
  if (found == agents.end() || !found->second.left) {
    return now;
  }
  const auto& known = found->second;
  const bool settled = known.turn == turn_ && now - known.since >= hand_over;
  return settled ? now : *known.left;
}

void crew_memory::find_rivals(std::string_view region, std::string_view address,
                              monotonic_time now) {
  region_ = region;
  address_ = address;
  asked_ = now;
  rivals_.reset();
  const auto agents = regions_.find(region);
  // Whoever cannot be told apart from others was given everything, see `target_lists`.
  const auto own = canonical_host_address(address);
  if (agents == regions_.end() || !own) {
    return;
  }
  const auto until = list_time(agents->second, *own, now) - hand_over;
  std::vector<std::string> names{*own};
  for (const auto& [name, known] : agents->second) {
    if (known.turn == turn_ && known.since <= until && name != *own) {
      names.push_back(name);
    }
  }
  if (names.size() > 1) {
    rivals_.emplace(names);
  }
}

bool crew_memory::can_have(std::string_view region, std::string_view address, std::uint64_t hash,
                           monotonic_time now) {
  if (region_ != region || address_ != address || asked_ != now) {
    find_rivals(region, address, now);
  }
  return !rivals_ || rivals_->owner(hash) == 0;
}

std::size_t crew_memory::size() const noexcept {
  std::size_t all = 0;
  for (const auto& [region, agents] : regions_) {
    all += agents.size();
  }
  return all;
}

} // namespace xprober
