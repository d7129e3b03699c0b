#include "xprober/actors/server/agent_clocks.hpp"

#include <cmath>
#include <utility>

#include "xprober/base/log.hpp"

namespace xprober {

namespace {

constexpr std::int64_t told_step_ms = 5;
/// Whoever hears of a clock hears with it that batches come.
constexpr std::int64_t told_interval_ms = 5000;
constexpr std::int64_t late_interval_ms = 1000;
constexpr std::size_t few = 100;
constexpr std::int64_t count_interval_ms = 1000;

std::int64_t distance(std::int64_t a, std::int64_t b) { return a < b ? b - a : a - b; }

} // namespace

agent_clocks::entry& agent_clocks::entry_of(const agent_instance& instance) {
  const auto found = clocks_.find(instance);
  if (found != clocks_.end()) {
    heard_.splice(heard_.end(), heard_, found->second.place);
    return found->second;
  }
  const bool full = clocks_.size() >= most;
  if (full) {
    clocks_.erase(heard_.front());
    heard_.pop_front();
  }
  auto& made = clocks_[instance];
  made.place = heard_.insert(heard_.end(), instance);
  made.clock.logged = full; // so many agents are no agents: they would fill the log
  return made;
}

std::int64_t agent_clocks::note(const batch_header& header, const agent_identity& agent,
                                std::int64_t arrived_ms) {
  auto& clock = entry_of(header.instance).clock;
  clock.skew.add(header.sent_unix_ms, arrived_ms);
  const auto ms = clock.skew.ms();
  if (clock.told_at_ms == 0 || distance(ms, clock.told_ms) >= told_step_ms ||
      distance(arrived_ms, clock.told_at_ms) >= told_interval_ms) {
    clock.told_ms = ms;
    clock.told_at_ms = arrived_ms;
    changed_ = {agent, ms};
    untold_ = true;
  }
  if (is_bad_clock(ms) && !std::exchange(clock.logged, true)) {
    log::warn("journal", "an agent's clock differs from this server's",
              {{"region", agent.region},
               {"agent", agent.local_ip},
               {"seconds", static_cast<double>(ms) / 1000}});
  }
  return distance(ms, 0) < bearable_skew_ms ? 0 : ms;
}

std::optional<agent_delivery> agent_clocks::delivered(const batch_header& header,
                                                      const agent_identity& agent,
                                                      std::int64_t newest_ms,
                                                      std::int64_t arrived_ms) {
  const auto found = clocks_.find(header.instance);
  if (found == clocks_.end()) {
    return std::nullopt;
  }
  auto& told_at_ms = found->second.clock.late_told_at_ms;
  const bool late = arrived_ms - newest_ms > late_results_s * 1000;
  if (late ? distance(arrived_ms, told_at_ms) < late_interval_ms : told_at_ms == 0) {
    return std::nullopt;
  }
  told_at_ms = late ? arrived_ms : 0;
  return agent_delivery{agent, newest_ms / 1000, late};
}

void agent_clocks::begin_again() {
  for (auto& [instance, one] : clocks_) {
    one.clock = {};
  }
  counted_ms_ = 0;
}

void agent_clocks::count(journal_stats& counts, std::int64_t now_ms) {
  if (clocks_.size() > few && distance(now_ms, counted_ms_) < count_interval_ms) {
    return;
  }
  counted_ms_ = now_ms;
  counts.skewed_agents = 0;
  counts.worst_skew_ms = 0;
  for (const auto& [instance, one] : clocks_) {
    const auto skew_ms = one.clock.skew.ms();
    const auto ms = static_cast<double>(skew_ms);
    counts.skewed_agents += distance(skew_ms, 0) >= bearable_skew_ms ? 1 : 0;
    if (std::abs(ms) > std::abs(counts.worst_skew_ms)) {
      counts.worst_skew_ms = ms;
    }
  }
}

} // namespace xprober
