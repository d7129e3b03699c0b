#include "xprober/probes/icmp/timing_wheel.hpp"

#include <algorithm>
#include <bit>

namespace xprober::icmp {

namespace {

constexpr std::uint64_t ring_mask = timing_wheel::bucket_count - 1;
static_assert((timing_wheel::bucket_count & ring_mask) == 0, "a power of two");

} // namespace

timing_wheel::timing_wheel(monotonic_time origin) : origin_(origin), heads_(bucket_count, none) {}

std::uint64_t timing_wheel::tick_of(monotonic_time at) const noexcept {
  return at <= origin_ ? 0 : static_cast<std::uint64_t>((at - origin_) / bucket_width);
}

void timing_wheel::wake_by(std::uint32_t id, monotonic_time at) {
  // A tick is over when the clock has passed its whole width: rounding up keeps it from being
  // looked at too early. The cap keeps far times from overflowing.
  const monotonic_time horizon = origin_ + (current_ + bucket_count) * bucket_width;
  std::uint64_t tick = tick_of(std::min(at, horizon) + bucket_width - nanoseconds{1});
  tick = std::clamp(tick, current_ + 1, current_ + bucket_count - 1);
  if (id >= links_.size()) {
    links_.resize(std::max<std::size_t>(id + std::size_t{1}, links_.size() * 2));
  }
  link& l = links_[id];
  const auto bucket = static_cast<std::uint32_t>(tick & ring_mask);
  if (l.bucket != none) {
    if (((l.bucket - current_) & ring_mask) <= tick - current_) {
      return;
    }
    unlink(id);
  }
  l.bucket = bucket;
  l.previous = none;
  l.next = heads_[bucket];
  if (l.next != none) {
    links_[l.next].previous = id;
  }
  heads_[bucket] = id;
  used_[bucket / 64] |= std::uint64_t{1} << (bucket % 64);
  ++size_;
}

void timing_wheel::cancel(std::uint32_t id) noexcept {
  if (scheduled(id)) {
    unlink(id);
  }
}

void timing_wheel::unlink(std::uint32_t id) noexcept {
  link& l = links_[id];
  if (l.next != none) {
    links_[l.next].previous = l.previous;
  }
  if (l.previous != none) {
    links_[l.previous].next = l.next;
  } else {
    heads_[l.bucket] = l.next;
    if (l.next == none) {
      used_[l.bucket / 64] &= ~(std::uint64_t{1} << (l.bucket % 64));
    }
  }
  l = {};
  --size_;
}

std::uint64_t timing_wheel::distance_to_next() const noexcept {
  // From the bucket after the current one once around the ring, a word of 64 buckets at a time.
  const std::uint64_t first = (current_ + 1) & ring_mask;
  std::uint64_t word = first / 64;
  std::uint64_t bits = used_[word] & (~std::uint64_t{0} << (first % 64));
  for (std::size_t i = 0; i <= used_.size(); ++i) {
    if (bits != 0) {
      const std::uint64_t bucket = word * 64 + static_cast<std::uint64_t>(std::countr_zero(bits));
      return ((bucket - first) & ring_mask) + 1;
    }
    word = (word + 1) % used_.size();
    bits = used_[word];
  }
  return bucket_count;
}

std::optional<monotonic_time> timing_wheel::next() const noexcept {
  if (size_ == 0) {
    return std::nullopt;
  }
  return origin_ + (current_ + distance_to_next()) * bucket_width;
}

} // namespace xprober::icmp
