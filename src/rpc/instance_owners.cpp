#include "xprober/rpc/instance_owners.hpp"

namespace xprober::rpc {

bool instance_owners::claim(const agent_instance& instance, const std::string& credential) {
  const auto [entry, is_new] = owners_.emplace(instance, credential);
  if (!is_new) {
    return entry->second == credential;
  }
  in_order_.push_back(instance);
  if (in_order_.size() > most) {
    owners_.erase(in_order_.front());
    in_order_.pop_front();
  }
  return true;
}

const std::string* instance_owners::owner(const agent_instance& instance) const {
  const auto found = owners_.find(instance);
  return found == owners_.end() ? nullptr : &found->second;
}

void instance_owners::hand_over(const agent_instance& instance, const std::string& credential) {
  if (const auto found = owners_.find(instance); found != owners_.end()) {
    found->second = credential;
  }
}

} // namespace xprober::rpc
