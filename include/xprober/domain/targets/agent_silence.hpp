#pragma once

#include <chrono>

#include "xprober/domain/clock.hpp"
#include "xprober/domain/wire/agent_report.hpp"

namespace xprober {

/// An agent that does not say how often it asks is taken to do so.
inline constexpr std::chrono::seconds usual_sync_interval{5};
/// One is not late before so long, however often it asks.
inline constexpr std::chrono::seconds least_late{15};
/// Who says that it asks less often is lost after so long all the same.
inline constexpr std::chrono::hours most_patience{1};

/// An agent is late that has not asked for so long: three of its intervals, and not less than
/// `least_late`.
nanoseconds late_after(const agent_report& about) noexcept;
/// It is lost that has not asked for so long: `lease`, or three of its intervals where that is
/// longer, and no more than `most_patience` for their sake.
nanoseconds lost_after(const agent_report& about, nanoseconds lease) noexcept;

} // namespace xprober
