#include "xprober/store/never_series.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace xprober {

void never_series::begin(wanted_targets_ptr wanted, const is_ours& ours) {
  wanted_ = std::move(wanted);
  groups_.clear();
  size_ = 0;
  ++changes_;
  if (!wanted_) {
    return;
  }
  groups_.reserve(wanted_->groups().size());
  for (std::size_t g = 0; g < wanted_->groups().size(); ++g) {
    const auto& group = wanted_->groups()[g];
    auto& bits = groups_.emplace_back(group.size, group.sources.size());
    for (std::uint32_t i = 0; ours && i < group.size; ++i) {
      if (!ours(group.region, wanted_->address(g, i), group.type.text())) {
        bits.leave_out(i);
      }
    }
    size_ += bits.lacking();
  }
  drop_repeated();
}

bool never_series::go_on(const wanted_targets_ptr& wanted) {
  if (!wanted_ || !wanted || !wanted->names_what(*wanted_)) {
    return false;
  }
  wanted_ = wanted;
  return true;
}

void never_series::drop_repeated() {
  const auto names = wanted_->all();
  std::set<std::uint32_t> seen;
  for (std::size_t i = 0; i + 1 < names.size(); ++i) {
    const bool again = i > 0 && names[i - 1].uid_hash == names[i].uid_hash;
    if (again || names[i].uid_hash != names[i + 1].uid_hash) {
      continue;
    }
    seen.clear();
    for (const auto& name : wanted_->find(names[i].uid_hash)) {
      const auto g = wanted_->group_of(name.number);
      const auto& group = wanted_->groups()[g];
      for (std::size_t p = 0; p < group.sources.size(); ++p) {
        if (!seen.insert(group.sources[p]).second) {
          set(g, p, name.number - group.first, false);
        }
      }
    }
  }
}

void never_series::report(std::uint64_t uid_hash, std::string_view from) {
  if (!wanted_) {
    return;
  }
  const auto region = wanted_->find_region(from);
  for (const auto& name : wanted_->find(uid_hash)) {
    const auto g = wanted_->group_of(name.number);
    const auto& group = wanted_->groups()[g];
    const auto index = name.number - group.first;
    if (const auto nobody = group.sources.find(0)) {
      set(g, *nobody, index, false); // somebody probes it after all
    }
    if (const auto p = region ? group.sources.find(*region) : std::nullopt) {
      set(g, *p, index, false);
    }
  }
}

void never_series::take_back(std::uint64_t uid_hash, std::string_view from, bool last) {
  if (!wanted_) {
    return;
  }
  if (const auto region = wanted_->find_region(from)) {
    set_first(uid_hash, *region);
  }
  if (last) {
    set_first(uid_hash, 0);
  }
}

void never_series::set_first(std::uint64_t uid_hash, std::uint32_t region) {
  for (const auto& name : wanted_->find(uid_hash)) {
    const auto g = wanted_->group_of(name.number);
    const auto& group = wanted_->groups()[g];
    if (const auto p = group.sources.find(region)) {
      set(g, *p, name.number - group.first, true);
      return;
    }
  }
}

void never_series::set(std::size_t g, std::size_t p, std::uint32_t index, bool never) {
  if (!groups_[g].set(p, index, never)) {
    return;
  }
  ++changes_;
  if (never) {
    ++size_;
  } else {
    --size_;
  }
}

never_target never_series::target_at(std::size_t g, std::size_t p, std::uint32_t index) const {
  const auto& group = wanted_->groups()[g];
  const auto& from = wanted_->regions()[group.sources[p]];
  return {&group, &from, wanted_->address(g, index),
          std::max(wanted_->since_unix(group.first + index), from.since_unix)};
}

} // namespace xprober
