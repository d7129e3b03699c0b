#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xprober {

/// Which targets of a group which of its sources have reported. Takes nothing until something was
/// reported, and then a bit for each target and source: where regions only ask there are as many
/// pairs as the square of their number.
class report_bits {
public:
  report_bits(std::uint32_t targets, std::size_t sources) noexcept
      : targets_(targets), sources_(sources), ours_(targets) {}

  /// A target is somebody else's: nobody lacks it. Before anything is reported.
  void leave_out(std::uint32_t target);

  /// Whether a target is ours and not reported.
  bool lacks(std::size_t source, std::uint32_t target) const noexcept {
    return !is_set(others_, target) && !is_set(reported_, place(source, target));
  }

  /// Says whether a source lacks a target; true if that is new.
  bool set(std::size_t source, std::uint32_t target, bool lacking);

  std::uint32_t targets() const noexcept { return targets_; }
  std::size_t sources() const noexcept { return sources_; }
  /// How many targets a source lacks.
  std::uint32_t lacking(std::size_t source) const noexcept;
  /// How many targets all sources lack together.
  std::uint64_t lacking() const noexcept { return std::uint64_t{ours_} * sources_ - done_; }
  /// What is allocated.
  std::size_t bytes() const noexcept {
    return (others_.capacity() + reported_.capacity()) * sizeof(std::uint64_t);
  }

private:
  using words = std::vector<std::uint64_t>;

  static constexpr std::size_t word_bits = 64;

  static bool is_set(const words& of, std::size_t bit) noexcept {
    return !of.empty() && (of[bit / word_bits] >> (bit % word_bits) & 1U) != 0;
  }

  static words room_for(std::size_t bits) { return words((bits + word_bits - 1) / word_bits); }

  std::size_t place(std::size_t source, std::uint32_t target) const noexcept {
    return source * targets_ + target;
  }

  std::uint32_t targets_;
  std::size_t sources_;
  std::uint32_t ours_;
  std::uint64_t done_ = 0; ///< bits of `reported_`
  words others_;           ///< by target; empty: all are ours
  words reported_;         ///< by source, then target; empty: nothing is
};

} // namespace xprober
