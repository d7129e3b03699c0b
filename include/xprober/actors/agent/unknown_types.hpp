#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xprober {

/// Targets of the lists whose type this agent does not know. Names come from the network: so many
/// of them are kept, in the order in which they were named.
class unknown_types {
public:
  static constexpr std::size_t most_named = 16;

  void add(std::string_view type, std::uint64_t targets) {
    count_ += targets;
    if (const auto at = find(type); at != named_.end()) {
      at->targets += targets;
    } else if (targets > 0 && named_.size() < most_named) {
      named_.push_back({std::string{type}, targets});
    }
  }

  /// So many are in the list no longer.
  void remove(std::string_view type, std::uint64_t targets) {
    const auto at = find(type);
    const auto gone = std::min(targets, at != named_.end() ? at->targets : unnamed());
    count_ -= gone;
    if (at == named_.end()) {
      return;
    }
    at->targets -= gone;
    if (at->targets == 0) {
      named_.erase(at);
    }
  }

  std::uint64_t count() const noexcept { return count_; }

  /// Of them, those of types that are not among `names`.
  std::uint64_t unnamed() const noexcept {
    auto left = count_;
    for (const auto& type : named_) {
      left -= type.targets;
    }
    return left;
  }

  std::vector<std::string_view> names() const {
    std::vector<std::string_view> all;
    all.reserve(named_.size());
    for (const auto& type : named_) {
      all.push_back(type.name);
    }
    return all;
  }

private:
  struct named_type {
    std::string name;
    std::uint64_t targets = 0; ///< at least 1
  };

  std::vector<named_type>::iterator find(std::string_view type) {
    return std::ranges::find(named_, type, &named_type::name);
  }

  std::vector<named_type> named_;
  std::uint64_t count_ = 0;
};

} // namespace xprober
