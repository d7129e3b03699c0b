#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "xprober/domain/clock.hpp"

namespace xprober {

/// How much of something (rows, bytes) each agent may send in a second. Each has a bucket that
/// holds what it may send in `burst`, and gets the same again every second. Whoever has something
/// left may send however much it is and is in debt then: so a batch of any size is taken some time,
/// and the backlog of an outage is paced and never refused for good.
class agent_pace {
public:
  static constexpr std::chrono::seconds burst{30};
  /// Beyond so many that have not got everything back, all others have one bucket together.
  static constexpr std::size_t most_agents = 100'000;

  /// 1 and above.
  void set_rate(std::uint64_t in_a_second) noexcept { rate_ = static_cast<double>(in_a_second); }

  /// How long the agent has to wait before it may send something; 0: it may now. `now` never goes
  /// back.
  nanoseconds wait(std::uint64_t agent, monotonic_time now);
  /// It has sent so much.
  void spend(std::uint64_t agent, std::uint64_t amount, monotonic_time now);

  std::size_t size() const noexcept { return buckets_.size(); }

private:
  struct bucket {
    double spent = 0; ///< of what `burst` allows
    monotonic_time at{};
  };

  bucket& of(std::uint64_t agent, monotonic_time now);
  double left(const bucket& b, monotonic_time now) const;

  std::unordered_map<std::uint64_t, bucket> buckets_;
  double rate_ = 1e18;
  monotonic_time swept_{}; ///< when those that have got everything back went
};

} // namespace xprober
