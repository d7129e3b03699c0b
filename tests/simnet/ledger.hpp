#pragma once

#include <cstdint>
#include <deque>
#include <ostream>
#include <unordered_map>
#include <vector>

#include "simnet/address.hpp"
#include "simnet/draw.hpp"
#include "simnet/rules.hpp"
#include "simnet/schedule.hpp"

namespace simnet {

/// Times between a request's coming in and the writing of its reply.
class turnarounds {
public:
  /// Keeps the latest `most` times for the percentiles; count, mean and extremes are of all.
  void add(nanoseconds time, std::size_t most);

  std::uint64_t count() const noexcept { return count_; }
  nanoseconds min() const noexcept { return min_; }
  nanoseconds max() const noexcept { return max_; }
  double mean_ns() const noexcept;
  /// The nearest-rank percentiles of these fractions, in ns; 0 where nothing is kept.
  std::vector<std::int64_t> percentiles(const std::vector<double>& fractions) const;

private:
  std::uint64_t count_ = 0;
  nanoseconds sum_{0};
  nanoseconds min_{0};
  nanoseconds max_{0};
  std::vector<std::int64_t> kept_;
};

/// What becomes of a request.
enum class fate : std::uint8_t {
  answered,
  dropped,
  error,
  wrong_source,
  wrong_id,
  corrupted,
  late
};
inline constexpr std::size_t fate_count = 7;

/// One address that was heard: how it behaves, and what was asked of it and written for it.
///
/// Every request ends in one of `ended`, or is pending or unwritten.
struct account {
  address who;
  const rule* how = nullptr; ///< null: silent, all its requests are dropped
  nanoseconds delay{0};
  double loss = 0;

  // One deck for each kind of event, so that changing one leaves the others' draws alone.
  deck losing, failing, straying, renaming, corrupting, delaying, repeating, holding;
  std::uint64_t noise = 0; ///< the seed of jitter and of drawn offsets

  std::uint64_t requests = 0;
  std::uint64_t ended[fate_count] = {}; ///< by fate
  std::uint64_t pending = 0;            ///< decided, not written yet; copies are not counted
  std::uint64_t unwritten = 0;          ///< the device refused it
  std::uint64_t duplicates = 0;         ///< copies written beside the replies
  std::uint64_t held_back = 0;          ///< by a reorder rule
  std::uint64_t reordered = 0;          ///< replies written after the reply to a later request
  std::uint64_t answered_up_to = 0;     ///< the highest number of an answered request, from 1
  turnarounds times;                    ///< of the answered ones
};

/// The accounts of all addresses that were heard, in the order of their first request.
class ledger {
public:
  explicit ledger(const config& how) : config_(how) {}

  /// The account of `who`, which is opened if it is new. References stay valid.
  account& of(const address& who);

  std::size_t size() const noexcept { return accounts_.size(); }

  /// One JSON object a line for each address:
  /// address, rule (its place in the file or null), delay_us, loss, requests, answered, dropped,
  /// errors, wrong_source, wrong_id, corrupted, late, pending, unwritten, duplicates, held_back,
  /// reordered, turnaround_ns {count, min, mean, p50, p90, p99, max} or null.
  void write(std::ostream& out) const;

private:
  const config& config_;
  std::deque<account> accounts_;
  std::unordered_map<address, std::uint32_t, address_hash> places_;
};

} // namespace simnet
