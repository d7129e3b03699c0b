#include "xprober/actors/agent/target_table.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace xprober {

void target_table::reserve(std::uint64_t targets) {
  slots_.reserve(targets);
  by_hash_.reserve(targets);
}

const target_ref& target_table::at(target_index index) const noexcept {
  static const target_ref nobody;
  return index < slots_.size() ? slots_[index] : nobody;
}

std::optional<target_index> target_table::find(const target_uid& uid, std::uint64_t hash) const {
  const auto [first, last] = by_hash_.equal_range(hash);
  const auto known =
      std::find_if(first, last, [&](const auto& item) { return slots_[item.second]->uid == uid; });
  return known == last ? std::nullopt : std::optional{known->second};
}

std::optional<target_index> target_table::find(std::uint64_t hash) const {
  const auto known = by_hash_.find(hash);
  return known == by_hash_.end() ? std::nullopt : std::optional{known->second};
}

const target_ref& target_table::add(target_uid uid, std::uint64_t hash,
                                    std::optional<std::string> user) {
  if (free_.empty()) {
    free_.push_back(end_index());
    slots_.emplace_back();
  }
  const auto index = free_.back();
  free_.pop_back();
  target_spec spec{std::move(uid), index};
  if (user) {
    spec.user_info = std::make_unique<const std::string>(std::move(*user));
  }
  auto& slot = slots_[index];
  slot = new_counted<const target_spec>(std::move(spec));
  by_hash_.emplace(hash, index);
  ++counts_.of(slot->uid.type);
  return slot;
}

void target_table::remove(target_index index) {
  auto& slot = slots_[index];
  const auto [first, last] = by_hash_.equal_range(stable_hash(slot->uid));
  by_hash_.erase(std::find_if(first, last, [&](const auto& item) { return item.second == index; }));
  --counts_.of(slot->uid.type);
  slot = nullptr;
  free_.push_back(index);
}

void target_table::clear() {
  slots_.clear();
  free_.clear();
  by_hash_.clear();
  counts_ = {};
}

} // namespace xprober
