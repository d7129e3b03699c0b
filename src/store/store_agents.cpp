#include "xprober/store/store_agents.hpp"

namespace xprober {

slot store_agents::find(const store_texts& texts, std::string_view region,
                        std::string_view address) const {
  if (found_ != no_slot) {
    const auto& last = agents_[found_].names;
    if (texts[last.address] == address && texts[last.region] == region) {
      return found_;
    }
  }
  const key names{texts.find(region), texts.find(address)};
  found_ = names.region == no_slot || names.address == no_slot ? no_slot : agents_.find(names);
  return found_;
}

slot store_agents::add(store_texts& texts, std::string_view region, std::string_view address) {
  const key names{texts.acquire(region), texts.acquire(address)};
  const auto agent = agents_.insert({names, 0});
  regions_[names.region].push_back(agent);
  return agent;
}

void store_agents::remove_row(store_texts& texts, slot agent) {
  if (--agents_[agent].rows > 0) {
    return;
  }
  const auto names = agents_[agent].names;
  agents_.erase(agent);
  found_ = found_ == agent ? no_slot : found_;
  auto& left = regions_[names.region];
  std::erase(left, agent);
  if (left.empty()) {
    regions_.erase(names.region);
  }
  texts.release(names.region);
  texts.release(names.address);
}

std::span<const slot> store_agents::of_region(slot region) const {
  const auto known = regions_.find(region);
  return known == regions_.end() ? std::span<const slot>{} : std::span{known->second};
}

} // namespace xprober
