#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace xprober {

/// Highest random weight (Thaler and Ravishankar, 1998): every key belongs to the one of several
/// owners that has the highest weight for it. An owner that leaves hands its keys to the others, in
/// equal parts; one that comes takes an equal part from each; no other key moves. The weight
/// depends on the key and the owner's name alone, so every process comes to the same answer.
class rendezvous {
public:
  /// `names`, each once, at least one; their order means nothing.
  explicit rendezvous(const std::vector<std::string>& names);

  /// Index into `names`. `key` is a hash already. Costs some 1 ns for each owner.
  std::size_t owner(std::uint64_t key) const noexcept;

  std::size_t size() const noexcept { return seeds_.size(); }

private:
  std::vector<std::uint64_t> seeds_;
};

} // namespace xprober
