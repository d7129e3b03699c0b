#include "xprober/domain/history/series_shares.hpp"

#include <algorithm>

namespace xprober {

namespace {

/// What one may have of `room`, so that something is left for those who come later.
constexpr std::uint64_t share_of(std::uint64_t room) noexcept { return room - room / 8; }

constexpr std::uint64_t less(std::uint64_t room, std::uint64_t taken) noexcept {
  return room - std::min(room, taken);
}

} // namespace

bool series_shares::take(const std::string& region, const std::string& agent, std::uint64_t most) {
  if (size_ >= most) {
    return false;
  }
  const auto found = regions_.find(region);
  const auto of_region = found == regions_.end() ? 0 : found->second.size;
  const auto of_agent = size_of(region, agent);
  const auto region_room = share_of(less(most, size_ - of_region));
  const auto agent_room = share_of(less(region_room, of_region - of_agent));
  if (of_region >= region_room || of_agent >= agent_room) {
    return false;
  }
  add(region, agent);
  return true;
}

void series_shares::add(const std::string& region, const std::string& agent) {
  auto& of = regions_[region];
  ++of.size;
  ++of.agents[agent];
  ++size_;
}

void series_shares::remove(const std::string& region, const std::string& agent) {
  const auto of = regions_.find(region);
  const auto mine =
      of == regions_.end() ? decltype(of->second.agents.end()){} : of->second.agents.find(agent);
  if (of == regions_.end() || mine == of->second.agents.end()) {
    return;
  }
  if (--mine->second == 0) {
    of->second.agents.erase(mine);
  }
  if (--of->second.size == 0) {
    regions_.erase(of);
  }
  --size_;
}

void series_shares::clear() {
  regions_.clear();
  size_ = 0;
}

std::uint64_t series_shares::size_of(const std::string& region, const std::string& agent) const {
  const auto of = regions_.find(region);
  if (of == regions_.end()) {
    return 0;
  }
  const auto mine = of->second.agents.find(agent);
  return mine == of->second.agents.end() ? 0 : mine->second;
}

} // namespace xprober
