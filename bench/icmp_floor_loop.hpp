#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace xprober::bench {

/// What a run cost.
struct echo_cost {
  std::uint64_t echoes = 0; ///< answered
  double cpu_us = 0;        ///< user and system time of this process for each
  double wall_us = 0;       ///< elapsed time for each
};

/// User and system time of this process so far, in seconds.
double cpu_seconds();

/// Seconds on the monotonic clock.
double wall_seconds();

/// `count` addresses from 127.64.0.1 on.
std::vector<std::string> loopback_targets(std::size_t count);

/// The cheapest loop there is: a raw socket sends one echo of `size` payload bytes to each target
/// in batches of `batch`, takes the replies and does nothing with them, `rounds` times over.
/// Throws std::system_error without CAP_NET_RAW.
echo_cost run_floor(std::size_t targets, std::size_t rounds, std::size_t size, std::size_t batch);

} // namespace xprober::bench
