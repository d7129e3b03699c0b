#include "xprober/actors/server/agent_pace.hpp"

#include <algorithm>

namespace xprober {

namespace {

/// The bucket of those that have none of their own.
constexpr std::uint64_t shared_bucket = 0;
/// It goes through all of them.
constexpr std::chrono::seconds pace_sweep_interval{1};

double pace_seconds(nanoseconds length) { return std::chrono::duration<double>{length}.count(); }

} // namespace

/// What was spent and has not come back yet.
double agent_pace::left(const bucket& b, monotonic_time now) const {
  return std::max(0.0, b.spent - pace_seconds(now - b.at) * rate_);
}

agent_pace::bucket& agent_pace::of(std::uint64_t agent, monotonic_time now) {
  if (const auto found = buckets_.find(agent); found != buckets_.end()) {
    return found->second;
  }
  if (buckets_.size() >= most_agents && now - swept_ >= pace_sweep_interval) {
    swept_ = now;
    std::erase_if(buckets_, [&](const auto& item) { return left(item.second, now) <= 0; });
  }
  auto& fresh = buckets_[buckets_.size() < most_agents ? agent : shared_bucket];
  fresh.at = std::max(fresh.at, now);
  return fresh;
}

nanoseconds agent_pace::wait(std::uint64_t agent, monotonic_time now) {
  const auto found = buckets_.find(agent);
  const auto& b = found == buckets_.end() ? of(agent, now) : found->second;
  const auto above = left(b, now) - pace_seconds(burst) * rate_;
  if (above < 0) {
    return nanoseconds{0};
  }
  constexpr double longest = 3600;
  return std::chrono::duration_cast<nanoseconds>(
             std::chrono::duration<double>{std::min(above / rate_, longest)}) +
         milliseconds{1};
}

void agent_pace::spend(std::uint64_t agent, std::uint64_t amount, monotonic_time now) {
  auto& b = of(agent, now);
  b.spent = left(b, now) + static_cast<double>(amount);
  b.at = now;
}

} // namespace xprober
