#include "xprober/domain/history/native_histogram.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace xprober {

namespace {

/// Buckets of the finest schema from one power of 2 to the next.
constexpr std::int32_t buckets_of_octave = 1 << native_histogram::finest_schema;
/// A gap that is no wider is written as empty buckets: that is shorter than a span.
constexpr std::int32_t bridged_gap = 2;

/// The upper bounds of the buckets in [0.5, 1).
const std::array<double, buckets_of_octave>& octave_bounds() {
  static const auto all = [] {
    std::array<double, buckets_of_octave> bounds{};
    for (std::int32_t i = 0; i < buckets_of_octave; ++i) {
      bounds[static_cast<std::size_t>(i)] =
          std::exp2(static_cast<double>(i) / buckets_of_octave - 1.0);
    }
    return bounds;
  }();
  return all;
}

/// At the finest schema. The exponent is exact, so that every power of 2 is its bucket's bound.
std::int32_t native_index(double value) {
  int exponent = 0;
  const auto fraction = std::frexp(value, &exponent);
  const auto& bounds = octave_bounds();
  const auto place = std::ranges::lower_bound(bounds, fraction) - bounds.begin();
  return static_cast<std::int32_t>(place) + (exponent - 1) * buckets_of_octave;
}

/// The bucket of the next lower schema that holds it: half of the index, rounded up.
std::int32_t coarser(std::int32_t index) { return index > 0 ? (index + 1) / 2 : index / 2; }

} // namespace

void native_histogram::observe(double value) {
  if (!std::isfinite(value)) {
    return;
  }
  ++count_;
  sum_ += value;
  if (value <= zero_threshold) {
    ++zeros_;
    return;
  }
  auto index = native_index(value);
  for (auto schema = finest_schema; schema > schema_; --schema) {
    index = coarser(index);
  }
  add(index, 1);
}

void native_histogram::merge(const native_histogram& other) {
  count_ += other.count_;
  sum_ += other.sum_;
  zeros_ += other.zeros_;
  while (schema_ > other.schema_) {
    coarsen();
  }
  for (const auto& theirs : other.buckets_) {
    auto index = theirs.index;
    for (auto schema = other.schema_; schema > schema_; --schema) {
      index = coarser(index);
    }
    add(index, theirs.count);
  }
}

/// The index is one of the present schema.
void native_histogram::add(std::int32_t index, std::uint64_t count) {
  const auto place = std::ranges::lower_bound(buckets_, index, {}, &bucket::index);
  if (place != buckets_.end() && place->index == index) {
    place->count += count;
    return;
  }
  buckets_.insert(place, bucket{index, count});
  while (buckets_.size() > most_buckets && schema_ > coarsest_schema) {
    coarsen();
  }
}

void native_histogram::coarsen() {
  std::size_t kept = 0;
  for (const auto& one : buckets_) {
    const auto index = coarser(one.index);
    if (kept > 0 && buckets_[kept - 1].index == index) {
      buckets_[kept - 1].count += one.count;
    } else {
      buckets_[kept++] = {index, one.count};
    }
  }
  buckets_.resize(kept);
  --schema_;
}

native_histogram::bucket_list native_histogram::buckets() const {
  bucket_list out;
  std::int32_t next = 0;
  std::int64_t last = 0;
  const auto put = [&](std::int64_t count) {
    ++out.spans.back().length;
    out.deltas.push_back(count - last);
    last = count;
    ++next;
  };
  for (const auto& one : buckets_) {
    if (out.spans.empty() || one.index - next > bridged_gap) {
      out.spans.push_back({one.index - next, 0});
      next = one.index;
    }
    while (next < one.index) {
      put(0);
    }
    put(static_cast<std::int64_t>(one.count));
  }
  return out;
}

} // namespace xprober
