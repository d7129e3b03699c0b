#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace xprober {

/// A dense number of a value in a `slot_table`.
using slot = std::uint32_t;
inline constexpr slot no_slot = 0xFFFFFFFF;

/// Values in one vector, found by key, named by a dense number that stays while the value is there
/// and is used again afterwards. The key is not stored twice: `Traits` reads it from the value.
///
///     struct Traits {
///       using key = …;                            // with ==
///       static key key_of(const Value&);
///       static std::uint64_t hash(const key&);    // equal keys have equal hashes
///     };
///
/// The index is a ring of cells, at most three quarters of them taken. A value's number stands in
/// the cell that its hash names (its home), or in the first free one after it, so a look-up reads
/// one or two neighbouring cells and then the value. Nothing stands between a free cell and a value
/// that belongs before it: erasing moves the values behind it up.
template <class Value, class Traits>
class slot_table {
public:
  using key = typename Traits::key;

  /// The number of the value with this key, or `no_slot`.
  slot find(const key& k) const {
    if (cells_.empty()) {
      return no_slot;
    }
    const auto hash = short_hash(k);
    for (auto i = home(hash); cells_[i].number != no_slot; i = next(i)) {
      if (cells_[i].hash == hash && Traits::key_of(values_[cells_[i].number]) == k) {
        return cells_[i].number;
      }
    }
    return no_slot;
  }

  /// Adds a value whose key is not there yet.
  slot insert(Value value) {
    if ((size_ + 1) * 4 > cells_.size() * 3) {
      grow();
    }
    const auto hash = short_hash(Traits::key_of(value));
    slot number = no_slot;
    if (free_.empty()) {
      number = static_cast<slot>(values_.size());
      values_.push_back(std::move(value));
    } else {
      number = free_.back();
      free_.pop_back();
      values_[number] = std::move(value);
    }
    place({number, hash});
    ++size_;
    return number;
  }

  /// The value with this number must be there.
  void erase(slot number) {
    auto hole = home(short_hash(Traits::key_of(values_[number])));
    while (cells_[hole].number != number) {
      hole = next(hole);
    }
    for (auto i = next(hole); cells_[i].number != no_slot; i = next(i)) {
      // It may move up unless its home lies behind the hole.
      if (distance(home(cells_[i].hash), i) >= distance(hole, i)) {
        cells_[hole] = cells_[i];
        hole = i;
      }
    }
    cells_[hole] = {};
    values_[number] = Value{};
    free_.push_back(number);
    --size_;
  }

  Value& operator[](slot number) noexcept { return values_[number]; }
  const Value& operator[](slot number) const noexcept { return values_[number]; }

  std::size_t size() const noexcept { return size_; }
  /// All numbers are below this; one that no value has stands for `Value{}`.
  slot bound() const noexcept { return static_cast<slot>(values_.size()); }

private:
  struct cell {
    slot number = no_slot;
    std::uint32_t hash = 0;
  };

  static constexpr std::size_t first_cells = 16; ///< a power of two, as all sizes of the ring

  static std::uint32_t short_hash(const key& k) {
    return static_cast<std::uint32_t>(Traits::hash(k));
  }

  std::size_t home(std::uint32_t hash) const noexcept { return hash & (cells_.size() - 1); }
  std::size_t next(std::size_t i) const noexcept { return (i + 1) & (cells_.size() - 1); }
  /// Steps from one cell on to another.
  std::size_t distance(std::size_t from, std::size_t to) const noexcept {
    return (to - from) & (cells_.size() - 1);
  }

  void place(const cell& c) {
    auto i = home(c.hash);
    while (cells_[i].number != no_slot) {
      i = next(i);
    }
    cells_[i] = c;
  }

  void grow() {
    std::vector<cell> old(cells_.empty() ? first_cells : cells_.size() * 2);
    old.swap(cells_);
    for (const auto& c : old) {
      if (c.number != no_slot) {
        place(c);
      }
    }
  }

  std::vector<Value> values_;
  std::vector<slot> free_;
  std::vector<cell> cells_;
  std::size_t size_ = 0;
};

} // namespace xprober
