#include "xprober/domain/tick_wheel.hpp"

#include <algorithm>
#include <bit>

namespace xprober {

namespace {

std::size_t slot_count(nanoseconds period, nanoseconds slot) {
  return static_cast<std::size_t>(std::max<std::int64_t>(1, (period + slot / 2) / slot));
}

} // namespace

tick_wheel::tick_wheel(nanoseconds period, nanoseconds slot)
    : slot_(slot), slots_(slot_count(period, slot)), occupied_((slots_.size() + 63) / 64) {}

void tick_wheel::add(target_index target, std::uint64_t hash, monotonic_time now) {
  if (size_ == 0) {
    next_slot_ = slot_number(now) + 1;
  }
  remove(target);
  insert(target, hash);
}

void tick_wheel::insert(target_index target, std::uint64_t hash) {
  if (target >= places_.size()) {
    places_.resize(target + std::size_t{1});
  }
  const auto slot = static_cast<std::uint32_t>(hash % slots_.size());
  auto& list = slots_[slot];
  places_[target] = {hash, slot, static_cast<std::uint32_t>(list.size())};
  list.push_back(target);
  occupied_[slot / 64] |= std::uint64_t{1} << (slot % 64);
  ++size_;
}

void tick_wheel::remove(target_index target) {
  if (target >= places_.size() || places_[target].slot == absent) {
    return;
  }
  const auto [hash, slot, offset] = places_[target];
  auto& list = slots_[slot];
  list[offset] = list.back();
  places_[list[offset]].offset = offset;
  list.pop_back();
  if (list.empty()) {
    occupied_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
  }
  places_[target].slot = absent;
  --size_;
}

void tick_wheel::set_period(nanoseconds period, monotonic_time now) {
  slots_.assign(slot_count(period, slot_), {});
  occupied_.assign((slots_.size() + 63) / 64, 0);
  next_slot_ = slot_number(now) + 1;
  size_ = 0;
  for (target_index target = 0; target < places_.size(); ++target) {
    if (places_[target].slot != absent) {
      insert(target, places_[target].hash);
    }
  }
}

std::uint64_t tick_wheel::catch_up(std::int64_t target_slot) {
  const auto slots = static_cast<std::int64_t>(slots_.size());
  const auto first = target_slot - slots + 1;
  if (size_ == 0) {
    next_slot_ = std::max(next_slot_, target_slot + 1);
    return 0;
  }
  if (next_slot_ >= first) {
    return 0;
  }
  const auto jump = first - next_slot_;
  std::uint64_t left_out = static_cast<std::uint64_t>(jump / slots) * size_;
  for (auto slot = first - jump % slots; slot < first; ++slot) {
    left_out += slots_[position(slot)].size();
  }
  next_slot_ = first;
  return left_out;
}

std::optional<std::int64_t> tick_wheel::next_occupied() const {
  if (size_ == 0) {
    return std::nullopt;
  }
  const auto slots = static_cast<std::int64_t>(slots_.size());
  for (std::int64_t step = 0; step < slots;) {
    const auto at = position(next_slot_ + step);
    const auto word = occupied_[at / 64] >> (at % 64);
    if (word != 0) {
      const auto ahead = static_cast<std::int64_t>(std::countr_zero(word));
      return next_slot_ + step + ahead;
    }
    // To the next word of the bitmap, or to the wheel's beginning.
    const auto word_end = static_cast<std::int64_t>((at / 64 + 1) * 64);
    step += std::min(word_end, slots) - static_cast<std::int64_t>(at);
  }
  return std::nullopt;
}

std::optional<monotonic_time> tick_wheel::next_due() const {
  if (const auto slot = next_occupied()) {
    return monotonic_time{*slot * slot_};
  }
  return std::nullopt;
}

std::optional<monotonic_time> tick_wheel::due_of(target_index target) const {
  if (target >= places_.size() || places_[target].slot == absent) {
    return std::nullopt;
  }
  const auto slots = static_cast<std::int64_t>(slots_.size());
  const auto base = static_cast<std::int64_t>(position(next_slot_));
  const auto ahead = (static_cast<std::int64_t>(places_[target].slot) - base + slots) % slots;
  return monotonic_time{(next_slot_ + ahead) * slot_};
}

} // namespace xprober
