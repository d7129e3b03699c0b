#include "xprober/domain/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace xprober {

namespace {

// A value v with its highest bit at place e >= 6 is told by that place and the five bits after it;
// smaller values are their own bucket.
constexpr int linear_bits = 5;
constexpr std::uint64_t exact_below = std::uint64_t{2} << linear_bits;

std::size_t bucket_of(std::uint64_t value) noexcept {
  if (value < exact_below) {
    return static_cast<std::size_t>(value);
  }
  const int shift = std::bit_width(value) - 1 - linear_bits;
  // value >> shift has its highest bit at `linear_bits`, so each octave continues the one before.
  return (static_cast<std::size_t>(shift) << linear_bits) +
         static_cast<std::size_t>(value >> shift);
}

/// The middle of a bucket.
std::uint64_t value_of(std::size_t bucket) noexcept {
  if (bucket < exact_below) {
    return bucket;
  }
  const auto shift = (bucket >> linear_bits) - 1;
  const std::uint64_t lowest = (bucket - (shift << linear_bits)) << shift;
  return lowest + (std::uint64_t{1} << shift) / 2;
}

} // namespace

void histogram::record(std::uint64_t value, std::uint64_t times) {
  if (times == 0) {
    return;
  }
  const auto bucket = bucket_of(value);
  if (bucket >= buckets_.size()) {
    buckets_.resize(bucket + 1);
  }
  buckets_[bucket] += times;
  count_ += times;
  max_ = std::max(max_, value);
}

void histogram::merge(const histogram& other) {
  if (buckets_.size() < other.buckets_.size()) {
    buckets_.resize(other.buckets_.size());
  }
  for (std::size_t i = 0; i < other.buckets_.size(); ++i) {
    buckets_[i] += other.buckets_[i];
  }
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

void histogram::clear() noexcept {
  std::fill(buckets_.begin(), buckets_.end(), 0);
  count_ = 0;
  max_ = 0;
}

std::uint64_t histogram::quantile(double q) const noexcept {
  if (count_ == 0) {
    return 0;
  }
  // NaN is taken for 0. The product is compared before it is made an integer, so that rounding
  // near the largest counts cannot pass the end.
  const double wanted = std::ceil((q > 0 ? std::min(q, 1.0) : 0.0) * static_cast<double>(count_));
  const std::uint64_t rank = wanted >= static_cast<double>(count_)
                                 ? count_
                                 : std::max<std::uint64_t>(1, static_cast<std::uint64_t>(wanted));
  if (rank == count_) {
    return max_;
  }
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= rank) {
      return std::min(value_of(i), max_);
    }
  }
  return max_;
}

windowed_histogram::windowed_histogram(std::chrono::seconds window, std::size_t slices)
    : slice_width_(std::max<nanoseconds>(
          nanoseconds{window} / static_cast<std::int64_t>(std::max<std::size_t>(slices, 1)),
          milliseconds{1})),
      slices_(std::max<std::size_t>(slices, 1)) {}

std::int64_t windowed_histogram::slice_number(monotonic_time t) const noexcept {
  return std::max<std::int64_t>(0, t.time_since_epoch() / slice_width_);
}

histogram* windowed_histogram::slice_at(monotonic_time now) {
  const auto number = slice_number(now);
  auto& slot = slices_[static_cast<std::size_t>(number) % slices_.size()];
  if (slot.number > number) {
    return nullptr;
  }
  if (slot.number != number) {
    slot.values.clear();
    slot.number = number;
  }
  return &slot.values;
}

void windowed_histogram::record(monotonic_time now, std::uint64_t value, std::uint64_t times) {
  if (auto* values = slice_at(now)) {
    values->record(value, times);
  }
}

void windowed_histogram::merge(monotonic_time now, const histogram& other) {
  if (auto* values = slice_at(now)) {
    values->merge(other);
  }
}

histogram windowed_histogram::merged(monotonic_time now) const {
  const auto newest = slice_number(now);
  const auto oldest = newest - static_cast<std::int64_t>(slices_.size()) + 1;
  histogram all;
  for (const auto& slot : slices_) {
    if (slot.number >= std::max<std::int64_t>(oldest, 0) && slot.number <= newest) {
      all.merge(slot.values);
    }
  }
  return all;
}

quantiles windowed_histogram::summary(monotonic_time now) const {
  const auto all = merged(now);
  return {all.count(), all.quantile(0.5), all.quantile(0.99), all.max()};
}

void windowed_histogram::clear() noexcept {
  for (auto& slot : slices_) {
    slot.values.clear();
    slot.number = -1;
  }
}

} // namespace xprober
