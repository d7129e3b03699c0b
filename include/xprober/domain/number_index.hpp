#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace xprober {

/// Numbers of things by a hash of what they are, as of their names, 5 to 7 bytes each. Neither
/// things nor hashes are kept: who has them says the hash of a number (`hash_of(number)`).
///
/// It is cut into parts by the hash, each a ring of cells of which at most four in five are taken:
/// so nothing is longer than moving one part, of a million numbers 4,000. A number stands in the
/// cell that its hash names (its home), or in the first free one after it.
class number_index {
public:
  /// One that is not there yet.
  template <class HashOf>
  void insert(std::uint32_t number, const HashOf& hash_of) {
    const std::uint32_t hash = hash_of(number);
    auto& p = part_of(hash);
    if ((p.taken + 1) * 5 > p.cells.size() * 4) {
      grow(p, hash_of);
    }
    place(p, number, hash);
    ++p.taken;
  }

  /// Nothing happens for one that is not there. Its hash is still what it was.
  template <class HashOf>
  void erase(std::uint32_t number, const HashOf& hash_of) {
    auto& p = part_of(hash_of(number));
    if (p.taken == 0) {
      return;
    }
    auto hole = home(p, hash_of(number));
    while (p.cells[hole] != free_cell) {
      if (p.cells[hole] == number) {
        close(p, hole, hash_of);
        --p.taken;
        return;
      }
      hole = next(p, hole);
    }
  }

  /// Calls `visit(number)` for all that may have this hash, and for some that have another one.
  template <class Visitor>
  void for_each(std::uint32_t hash, Visitor&& visit) const {
    const auto& p = parts_[hash % parts_.size()];
    if (p.cells.empty()) {
      return;
    }
    for (auto i = home(p, hash); p.cells[i] != free_cell; i = next(p, i)) {
      visit(p.cells[i]);
    }
  }

private:
  static constexpr std::uint32_t free_cell = 0xFFFFFFFF;
  static constexpr std::size_t first_cells = 8;

  struct part {
    std::vector<std::uint32_t> cells;
    std::size_t taken = 0;
  };

  part& part_of(std::uint32_t hash) { return parts_[hash % parts_.size()]; }
  /// By the upper bits: the part is by the lower ones.
  static std::size_t home(const part& p, std::uint32_t hash) noexcept {
    return static_cast<std::size_t>((std::uint64_t{hash} * p.cells.size()) >> 32U);
  }
  static std::size_t next(const part& p, std::size_t i) noexcept {
    return i + 1 == p.cells.size() ? 0 : i + 1;
  }

  static void place(part& p, std::uint32_t number, std::uint32_t hash) {
    auto i = home(p, hash);
    while (p.cells[i] != free_cell) {
      i = next(p, i);
    }
    p.cells[i] = number;
  }

  template <class HashOf>
  void grow(part& p, const HashOf& hash_of) {
    // By a quarter to a half, each part by another share: so they do not all grow at once.
    const auto share = parts_.size() + static_cast<std::size_t>(&p - parts_.data());
    std::vector<std::uint32_t> old(
        p.cells.size() + p.cells.size() * share / (4 * parts_.size()) + first_cells, free_cell);
    old.swap(p.cells);
    for (const auto number : old) {
      if (number != free_cell) {
        place(p, number, hash_of(number));
      }
    }
  }

  /// Those behind a hole move up unless their home lies behind it.
  template <class HashOf>
  static void close(part& p, std::size_t hole, const HashOf& hash_of) {
    const auto size = p.cells.size();
    for (auto i = next(p, hole); p.cells[i] != free_cell; i = next(p, i)) {
      const auto at_home = home(p, hash_of(p.cells[i]));
      if ((i + size - at_home) % size >= (i + size - hole) % size) {
        p.cells[hole] = p.cells[i];
        hole = i;
      }
    }
    p.cells[hole] = free_cell;
  }

  std::array<part, 256> parts_;
};

} // namespace xprober
