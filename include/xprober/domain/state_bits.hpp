#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace xprober {

/// Which things, known by small numbers, are in which of a few states: a bit for each state and
/// thing, and a line of memory for 64 of them. So whoever wants those that fail need not look at a
/// million that are well, and the numbers of each are always known.
template <class State, std::size_t Count>
class state_bits {
public:
  /// Several states: bit n is that of state n.
  using selection = std::uint8_t;
  static_assert(Count <= 8);
  static constexpr selection every = (1U << Count) - 1;

  static constexpr selection of(State state) noexcept {
    return static_cast<selection>(1U << static_cast<std::size_t>(state));
  }

  void set(std::uint32_t index, State to) {
    const auto word = index / word_bits;
    if (word >= words_.size()) {
      words_.resize(word + std::size_t{1});
    }
    if ((words_[word][place(to)] & bit(index)) == 0) {
      clear(index);
      words_[word][place(to)] |= bit(index);
      ++counts_[place(to)];
    }
  }

  /// There is no thing of this number any more.
  void clear(std::uint32_t index) noexcept {
    if (index / word_bits >= words_.size()) {
      return;
    }
    auto& word = words_[index / word_bits];
    for (std::size_t i = 0; i < Count; ++i) {
      if ((word[i] & bit(index)) != 0) {
        word[i] &= ~bit(index);
        --counts_[i];
      }
    }
  }

  std::uint64_t count(State state) const noexcept { return counts_[place(state)]; }
  std::uint64_t count(selection states) const noexcept {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < Count; ++i) {
      sum += ((states >> i) & 1U) != 0 ? counts_[i] : 0;
    }
    return sum;
  }

  /// The first from a number on that is in one of these states; nothing if there is none.
  std::optional<std::uint32_t> next(std::uint32_t from, selection states) const noexcept {
    auto mask = ~std::uint64_t{0} << (from % word_bits);
    for (std::size_t word = from / word_bits; word < words_.size(); ++word) {
      std::uint64_t any = 0;
      for (std::size_t i = 0; i < Count; ++i) {
        any |= ((states >> i) & 1U) != 0 ? words_[word][i] : 0;
      }
      if ((any & mask) != 0) {
        const auto first = static_cast<std::size_t>(std::countr_zero(any & mask));
        return static_cast<std::uint32_t>(word * word_bits + first);
      }
      mask = ~std::uint64_t{0};
    }
    return std::nullopt;
  }

private:
  static constexpr std::uint32_t word_bits = 64;

  static std::size_t place(State state) noexcept { return static_cast<std::size_t>(state); }
  static std::uint64_t bit(std::uint32_t index) noexcept {
    return std::uint64_t{1} << (index % word_bits);
  }

  std::vector<std::array<std::uint64_t, Count>> words_; ///< by index / 64
  std::array<std::uint64_t, Count> counts_{};
};

} // namespace xprober
