#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "xprober/domain/wire/kind_codec.hpp"

namespace xprober {

/// Targets of one type and region that are wanted and that a region's agents never reported.
struct never_group {
  std::string type;          ///< the prober's name
  kind_ptr kind;             ///< see `never_kind`
  std::string source_region; ///< empty: no agent is known that could probe them
  std::string target_region; ///< empty: those that have no room of their own, together
  std::uint64_t targets = 0;
};

/// With more groups than that the others add up: as many regions squared as a matrix shows at most.
inline constexpr std::size_t most_never_groups = 250'000;

/// All of them, sorted by type and regions, each once. Never changes, so whoever asks shares one:
/// of a large mesh there are some 40,000.
class never_list {
public:
  never_list() = default;
  explicit never_list(std::vector<never_group> groups)
      : groups_(std::make_shared<const std::vector<never_group>>(std::move(groups))) {}

  never_list(std::initializer_list<never_group> groups)
      : never_list(std::vector<never_group>{groups}) {}

  std::size_t size() const noexcept { return groups_ ? groups_->size() : 0; }
  bool empty() const noexcept { return size() == 0; }
  const never_group* begin() const noexcept { return groups_ ? groups_->data() : nullptr; }
  const never_group* end() const noexcept { return begin() + size(); }
  const never_group& operator[](std::size_t i) const { return (*groups_)[i]; }

private:
  std::shared_ptr<const std::vector<never_group>> groups_; ///< null: there are none
};

} // namespace xprober
