#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xprober {

/// Very many hashes, 8 to 16 bytes each: open addressing, at most half full. Where a hash lies
/// depends on a secret of its own, so that nobody can choose texts whose hashes crowd together.
class hash_set {
public:
  hash_set();

  /// False: it was there.
  bool insert(std::uint64_t hash);
  bool contains(std::uint64_t hash) const noexcept;
  std::size_t size() const noexcept { return size_; }
  /// Bytes of memory.
  std::size_t capacity_bytes() const noexcept { return slots_.capacity() * sizeof(std::uint64_t); }

private:
  std::size_t find(std::uint64_t hash) const noexcept;
  void grow();

  std::uint64_t secret_;
  std::vector<std::uint64_t> slots_; ///< a power of two of them; 0: empty
  std::size_t size_ = 0;
};

} // namespace xprober
