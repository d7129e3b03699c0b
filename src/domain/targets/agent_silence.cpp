#include "xprober/domain/targets/agent_silence.hpp"

#include <algorithm>
#include <cstdint>

namespace xprober {

namespace {

/// Zero: it does not say how often it asks.
nanoseconds interval_of(const agent_report& about) noexcept {
  constexpr std::uint64_t longest_ms = std::uint64_t{24} * 3600 * 1000;
  return milliseconds{static_cast<std::int64_t>(std::min(about.sync_interval_ms, longest_ms))};
}

} // namespace

nanoseconds late_after(const agent_report& about) noexcept {
  const auto told = interval_of(about);
  return std::max<nanoseconds>(3 * (told > nanoseconds{0} ? told : usual_sync_interval),
                               least_late);
}

nanoseconds lost_after(const agent_report& about, nanoseconds lease) noexcept {
  return std::max(lease, std::min<nanoseconds>(3 * interval_of(about), most_patience));
}

} // namespace xprober
