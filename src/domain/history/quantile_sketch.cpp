#include "xprober/domain/history/quantile_sketch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace xprober {

namespace {

const double log_gamma =
    std::log((1 + quantile_sketch::relative_accuracy) / (1 - quantile_sketch::relative_accuracy));
constexpr std::uint64_t most_bins = 1760;

std::int32_t index_of(double value) {
  return static_cast<std::int32_t>(std::ceil(std::log(value) / log_gamma));
}

/// The value that is as far, in relation, from both ends of the bin.
double value_of(std::int32_t index) {
  return std::exp(index * log_gamma) * (1 - quantile_sketch::relative_accuracy);
}

} // namespace

void quantile_sketch::add(double value, std::uint64_t times) {
  if (std::isnan(value) || times == 0) {
    return;
  }
  count_ += times;
  if (value <= smallest) {
    zeros_ += times;
    return;
  }
  const auto index = index_of(std::min(value, largest));
  const auto place = std::ranges::lower_bound(bins_, index, {}, &bin::index);
  if (place != bins_.end() && place->index == index) {
    place->count += times;
  } else {
    bins_.insert(place, bin{index, times});
  }
}

void quantile_sketch::merge(const quantile_sketch& other) {
  count_ += other.count_;
  zeros_ += other.zeros_;
  if (other.bins_.empty()) {
    return;
  }
  std::vector<bin> merged;
  merged.reserve(bins_.size() + other.bins_.size());
  auto mine = bins_.begin();
  for (const auto& theirs : other.bins_) {
    for (; mine != bins_.end() && mine->index < theirs.index; ++mine) {
      merged.push_back(*mine);
    }
    if (mine != bins_.end() && mine->index == theirs.index) {
      merged.push_back({theirs.index, theirs.count + mine->count});
      ++mine;
    } else {
      merged.push_back(theirs);
    }
  }
  merged.insert(merged.end(), mine, bins_.end());
  bins_ = std::move(merged);
}

double quantile_sketch::quantile(double q) const noexcept {
  if (count_ == 0) {
    return 0;
  }
  const auto rank =
      static_cast<std::uint64_t>(std::clamp(q, 0.0, 1.0) * static_cast<double>(count_ - 1));
  auto before = zeros_;
  if (rank < before) {
    return 0;
  }
  for (const auto& b : bins_) {
    before += b.count;
    if (rank < before) {
      return value_of(b.index);
    }
  }
  return bins_.empty() ? 0 : value_of(bins_.back().index);
}

void quantile_sketch::write(byte_writer& out) const {
  out.varint(zeros_);
  out.varint(bins_.size());
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    if (i == 0) {
      out.signed_varint(bins_[i].index);
    } else {
      out.varint(static_cast<std::uint64_t>(bins_[i].index - bins_[i - 1].index));
    }
    out.varint(bins_[i].count);
  }
}

bool quantile_sketch::read(byte_reader& in) {
  *this = {};
  if (read_bins(in)) {
    return true;
  }
  *this = {};
  return false;
}

bool quantile_sketch::read_bins(byte_reader& in) {
  std::uint64_t size = 0;
  if (!in.varint(zeros_) || !in.varint(size) || size > most_bins) {
    return false;
  }
  count_ = zeros_;
  bins_.reserve(size);
  std::int64_t index = 0;
  for (std::uint64_t i = 0; i < size; ++i) {
    std::uint64_t distance = 0;
    std::uint64_t times = 0;
    const bool read = i == 0 ? in.signed_varint(index) : in.varint(distance);
    if (!read || !in.varint(times) || distance > most_bins || (i > 0 && distance == 0) ||
        __builtin_add_overflow(count_, times, &count_)) {
      return false;
    }
    index += static_cast<std::int64_t>(distance);
    if (index < std::numeric_limits<std::int32_t>::min() / 2 ||
        index > std::numeric_limits<std::int32_t>::max() / 2) {
      return false;
    }
    bins_.push_back({static_cast<std::int32_t>(index), times});
  }
  return true;
}

} // namespace xprober
