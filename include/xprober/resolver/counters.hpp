#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "xprober/domain/counter.hpp"

namespace xprober {

/// What a resolver counts, in names; each name is a question for A and one for AAAA.
struct dns_counters {
  std::uint64_t queries = 0;       ///< names that a server was asked for
  std::uint64_t joined = 0;        ///< resolves that waited for another one's query
  std::uint64_t cache_hits = 0;    ///< addresses from the cache
  std::uint64_t negative_hits = 0; ///< "no such name" or "no address" from the cache
  std::uint64_t failures = 0;      ///< queries that gave no address
  std::uint64_t timeouts = 0;      ///< of them, those that no server answered in time
  std::uint64_t cached_names = 0;  ///< now
  std::uint64_t queued = 0;        ///< now: names that wait for their turn
  std::uint64_t queued_slow = 0;   ///< now: of them, those that lately were not answered in time
  std::uint64_t yielded = 0;       ///< queries that took long and made room for another name's
  std::uint64_t cancelled = 0;     ///< names that nobody needed any more before their turn came
  std::uint64_t silent_names = 0;  ///< now: different names since a server last answered one

  static std::span<const counter<dns_counters>> described() noexcept;

  dns_counters& operator+=(const dns_counters& other) noexcept {
    queries += other.queries;
    joined += other.joined;
    cache_hits += other.cache_hits;
    negative_hits += other.negative_hits;
    failures += other.failures;
    timeouts += other.timeouts;
    cached_names += other.cached_names;
    queued += other.queued;
    queued_slow += other.queued_slow;
    yielded += other.yielded;
    cancelled += other.cancelled;
    // Of resolvers that ask the same servers; the names may be the same, too.
    silent_names = std::max(silent_names, other.silent_names);
    return *this;
  }
};

} // namespace xprober
