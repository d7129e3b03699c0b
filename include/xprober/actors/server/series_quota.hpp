#pragma once

#include <cstdint>
#include <unordered_map>

#include "xprober/domain/hash_set.hpp"

namespace xprober {

/// How many series there may be: of one agent, and of all. A series is what one agent measures of
/// one target. It counts from its first result until two calls of `rotate` have seen none, 16 to 32
/// bytes each.
class series_quota {
public:
  enum class verdict : std::uint8_t {
    taken,
    agent_full, ///< its agent has too many
    all_full,   ///< there are too many
  };

  /// Those that are there stay.
  void set_limits(std::uint64_t all, std::uint64_t of_one_agent) noexcept {
    most_ = all;
    most_of_agent_ = of_one_agent;
  }

  /// A result of a series; both are hashes of the names.
  verdict take(std::uint64_t agent, std::uint64_t target);

  /// Whether a series counts now.
  bool has(std::uint64_t agent, std::uint64_t target) const noexcept;

  /// Series without a result since the last call go.
  void rotate();

  std::uint64_t size() const noexcept { return size_; }
  std::uint64_t size_of(std::uint64_t agent) const;

private:
  struct counts {
    std::uint64_t fresh = 0;
    std::uint64_t earlier = 0; ///< not seen since the last rotation
  };

  hash_set fresh_;
  hash_set
      earlier_; ///< those of before the last rotation, the ones that were seen since among them
  std::unordered_map<std::uint64_t, counts> agents_;
  std::uint64_t size_ = 0;
  std::uint64_t most_ = ~std::uint64_t{0};
  std::uint64_t most_of_agent_ = ~std::uint64_t{0};
};

} // namespace xprober
