#include "xprober/actors/server/journal_pruning.hpp"

#include <algorithm>

namespace xprober {

namespace {

constexpr std::size_t records_per_step = 200; ///< in one transaction
/// An agent whose spool is older has more than one trouble.
constexpr std::chrono::hours agent_memory{24 * 90};
constexpr std::chrono::hours forget_interval{1};
/// What came later than this from now came by a clock that was set since.
constexpr std::chrono::hours wrong_clock{1};

} // namespace

nanoseconds journal_pruning::interval(nanoseconds ttl) noexcept {
  return std::clamp<nanoseconds>(ttl / 10, std::chrono::milliseconds{50}, std::chrono::seconds{5});
}

journal_pruning::outcome journal_pruning::step(wall_time wall_now, monotonic_time now,
                                               nanoseconds ttl, std::uint64_t agents) {
  outcome done;
  if (leaving_.empty()) {
    const auto before = wall_now - std::chrono::duration_cast<wall_clock::duration>(ttl);
    leaving_ = desk_.take_unneeded(before, wall_now + wrong_clock, records_per_step);
  }
  file_.remove(leaving_);
  done.more = leaving_.size() == records_per_step;
  leaving_.clear();
  if (now >= next_forget_ || agents > most_agents_ + most_agents_ / 8) {
    file_.forget_agents(wall_now - agent_memory, most_agents_);
    next_forget_ = now + forget_interval;
    done.agents_forgotten = true;
  }
  return done;
}

} // namespace xprober
