#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/history/history.hpp"
#include "xprober/domain/history/native_histogram.hpp"

namespace xprober {

/// The metric that a subject's histogram has, and the label with its target region or address. The
/// means under our own names have `duration_seconds`, so that name is taken.
constexpr std::string_view histogram_metric(result_group grouped_by) noexcept {
  return grouped_by == result_group::pair ? "xprober_pair_latency_seconds"
                                          : "xprober_url_latency_seconds";
}
constexpr std::string_view histogram_label(result_group grouped_by) noexcept {
  return grouped_by == result_group::pair ? "target_region" : "addr";
}

/// What was measured between two regions, or from a region to an address.
struct histogram_series {
  history_subject subject; ///< of no single target
  native_histogram seconds;
  std::int64_t created_unix_ms = 0; ///< when it began to count
  nanoseconds quiet{0};             ///< since its last probe, also one without a value
};

/// The histograms of all subjects: counters that begin with the process. One that nothing is heard
/// of any more is forgotten and begins anew when it comes back.
class histogram_set {
public:
  /// As many as there are groups in `/metrics`: 1 KB each as they come, 3 KB at most.
  static constexpr std::size_t default_most = 50'000;

  explicit histogram_set(std::size_t most = default_most) : most_(most) {}

  /// That of a subject, which is heard of now; begun where there is none yet. Null where there are
  /// too many. Valid until `expire`.
  native_histogram* find(const history_subject& of, monotonic_time now, std::int64_t unix_ms);

  /// Forgets those that nothing was heard of for `longest`.
  void expire(monotonic_time now, nanoseconds longest);
  /// Nothing could be heard of any: they are quiet from now on.
  void excuse(monotonic_time now);

  /// All of them, by their subjects.
  std::vector<histogram_series> all(monotonic_time now) const;
  std::size_t size() const noexcept { return entries_.size(); }

private:
  struct entry {
    native_histogram seconds;
    std::int64_t created_unix_ms = 0;
    monotonic_time heard{};
  };
  struct subject_hash {
    std::size_t operator()(const history_subject& of) const noexcept;
  };

  std::unordered_map<history_subject, entry, subject_hash> entries_;
  std::size_t most_;
};

} // namespace xprober
