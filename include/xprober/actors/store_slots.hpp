#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_set>
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
///       using key = …;
///       static key key_of(const Value&);
///       static std::uint64_t hash(const key&);   // equal keys have equal hashes
///     };
template <class Value, class Traits>
class slot_table {
public:
  using key = typename Traits::key;

  slot_table() : index_(0, by_key{this}, by_key{this}) {}
  slot_table(const slot_table&) = delete;
  slot_table& operator=(const slot_table&) = delete;

  /// The number of the value with this key, or `no_slot`.
  slot find(const key& k) const {
    const auto i = index_.find(k);
    return i == index_.end() ? no_slot : *i;
  }

  /// Adds a value whose key is not there yet.
  slot insert(Value value) {
    slot s = no_slot;
    if (free_.empty()) {
      s = static_cast<slot>(slots_.size());
      slots_.push_back(std::move(value));
      free_.reserve(slots_.capacity()); // so that `erase` never allocates
    } else {
      s = free_.back();
      free_.pop_back();
      slots_[s] = std::move(value);
    }
    index_.insert(s);
    return s;
  }

  /// The value with this number must be there.
  void erase(slot s) {
    index_.erase(s);
    slots_[s] = Value{};
    free_.push_back(s);
  }

  Value& operator[](slot s) noexcept { return slots_[s]; }
  const Value& operator[](slot s) const noexcept { return slots_[s]; }

  std::size_t size() const noexcept { return index_.size(); }

private:
  // Not noexcept on purpose: so the library keeps each hash in its node and need not read the
  // value to walk a bucket.
  struct by_key {
    using is_transparent = void;
    const slot_table* table;

    std::size_t operator()(slot s) const { return (*this)(Traits::key_of(table->slots_[s])); }
    std::size_t operator()(const key& k) const { return Traits::hash(k); }
    bool operator()(slot a, slot b) const { return a == b; }
    bool operator()(const key& k, slot s) const { return k == Traits::key_of(table->slots_[s]); }
    bool operator()(slot s, const key& k) const { return (*this)(k, s); }
  };

  std::vector<Value> slots_;
  std::vector<slot> free_;
  std::unordered_set<slot, by_key, by_key> index_;
};

} // namespace xprober
