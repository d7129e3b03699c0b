#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xprober {

/// Counts of values in exponential buckets, as Prometheus's native histograms have them
/// (https://prometheus.io/docs/specs/native_histograms/). Cumulative: it is only added to.
///
/// At schema s bucket i holds the values in (2^((i-1) * 2^-s), 2^(i * 2^-s)]. It begins with schema
/// 5, whose buckets are 2.2 % wide, and where there are more than `most_buckets` each two become
/// one, which is the next lower schema: 1,300 bytes at most, whatever comes. What is 0 or less
/// counts in a bucket of its own.
class native_histogram {
public:
  static constexpr std::int32_t finest_schema = 5;
  static constexpr std::int32_t coarsest_schema = -4;
  static constexpr std::size_t most_buckets = 160;
  /// Up to it a value counts as 0; that of Prometheus's own libraries.
  static constexpr double zero_threshold = 0x1p-128;

  /// In the unit of the metric, mostly seconds. What is not finite is left out.
  void observe(double value);
  void merge(const native_histogram& other);

  std::int32_t schema() const noexcept { return schema_; }
  std::uint64_t count() const noexcept { return count_; } ///< of all, also of the zeros
  std::uint64_t zeros() const noexcept { return zeros_; }
  double sum() const noexcept { return sum_; }

  /// Buckets that stand one behind the other.
  struct span {
    std::int32_t offset = 0; ///< from the end of the one before; of the first its first index
    std::uint32_t length = 0;
    bool operator==(const span&) const = default;
  };
  /// How they are written: each count as its difference to the one before.
  struct bucket_list {
    std::vector<span> spans;
    std::vector<std::int64_t> deltas;
    bool operator==(const bucket_list&) const = default;
  };
  bucket_list buckets() const;

  bool operator==(const native_histogram&) const = default;

private:
  struct bucket {
    std::int32_t index = 0;
    std::uint64_t count = 0;
    bool operator==(const bucket&) const = default;
  };

  void add(std::int32_t index, std::uint64_t count);
  void coarsen();

  std::vector<bucket> buckets_; ///< by index
  std::int32_t schema_ = finest_schema;
  std::uint64_t zeros_ = 0;
  std::uint64_t count_ = 0;
  double sum_ = 0;
};

} // namespace xprober
