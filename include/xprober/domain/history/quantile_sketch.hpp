#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "xprober/domain/wire/bytes.hpp"

namespace xprober {

/// Counts of values in logarithmic bins, so that a quantile is at most 1 % away from the exact one
/// (DDSketch, VLDB 2019). Sketches of parts merged are the sketch of the whole, to the bit.
///
/// Bin i holds the values in (g^(i-1), g^i] with g = 1.01 / 0.99. Values at or below
/// `smallest` count as 0, those above `largest` as `largest`: 1,760 bins at most, whatever comes.
class quantile_sketch {
public:
  static constexpr double relative_accuracy = 0.01;
  static constexpr double smallest = 1e-6;
  static constexpr double largest = 1e9;

  void add(double value, std::uint64_t times = 1);
  void merge(const quantile_sketch& other);

  std::uint64_t count() const noexcept { return count_; }
  bool empty() const noexcept { return count_ == 0; }

  /// The value of rank floor(q * (count - 1)), q from 0 to 1; 0 when nothing was added.
  double quantile(double q) const noexcept;

  /// varint count of zeros, varint number of bins; of each: signed varint its index (the first) or
  /// varint its distance to the one before, and varint its count.
  void write(byte_writer& out) const;
  /// False where the bytes are no sketch; it is empty then.
  bool read(byte_reader& in);

  bool operator==(const quantile_sketch&) const = default;

private:
  struct bin {
    std::int32_t index = 0;
    std::uint64_t count = 0;
    bool operator==(const bin&) const = default;
  };

  bool read_bins(byte_reader& in);

  std::vector<bin> bins_; ///< by index
  std::uint64_t zeros_ = 0;
  std::uint64_t count_ = 0;
};

} // namespace xprober
