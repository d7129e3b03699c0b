#include "xprober/store/report_bits.hpp"

#include <algorithm>
#include <bit>

namespace xprober {

void report_bits::leave_out(std::uint32_t target) {
  if (others_.empty()) {
    others_ = room_for(targets_);
  }
  auto& word = others_[target / word_bits];
  const auto bit = std::uint64_t{1} << (target % word_bits);
  ours_ -= (word & bit) == 0 ? 1 : 0;
  word |= bit;
}

bool report_bits::set(std::size_t source, std::uint32_t target, bool lacking) {
  if (is_set(others_, target) || lacks(source, target) == lacking) {
    return false;
  }
  if (reported_.empty()) {
    reported_ = room_for(sources_ * targets_);
  }
  const auto at = place(source, target);
  reported_[at / word_bits] ^= std::uint64_t{1} << (at % word_bits);
  if (lacking) {
    --done_;
  } else {
    ++done_;
  }
  return true;
}

std::uint32_t report_bits::lacking(std::size_t source) const noexcept {
  if (reported_.empty()) {
    return ours_;
  }
  auto left = ours_;
  const auto end = place(source + 1, 0);
  for (auto at = place(source, 0); at < end;) {
    const auto bit = at % word_bits;
    const auto taken = std::min(end - at, word_bits - bit);
    const auto mask = ~std::uint64_t{0} >> (word_bits - taken) << bit;
    left -= static_cast<std::uint32_t>(std::popcount(reported_[at / word_bits] & mask));
    at += taken;
  }
  return left;
}

} // namespace xprober
