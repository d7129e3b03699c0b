#include "xprober/probes/icmp/neighbours.hpp"

#include <algorithm>
#include <utility>

#include "xprober/base/log.hpp"

namespace xprober::icmp {

namespace {

/// So many may always wait.
constexpr std::size_t least = 16;

/// How long nothing has to be refused until more may wait again.
constexpr auto calm = std::chrono::seconds{15};

constexpr std::size_t most_of(std::uint32_t limit) noexcept {
  return std::max<std::size_t>(least, limit - limit / 8);
}

} // namespace

neighbours::neighbours(reader read) : read_(std::move(read)) {
  for (const ip_family family : both_families) {
    auto& state = of(family);
    if (const auto table = read_(family)) {
      take(state, *table);
    }
    state.allowed = most_of(state.limit);
  }
}

void neighbours::take(family_state& state, const neighbour_table& table) const noexcept {
  if (table.limit > state.limit) {
    state.allowed = most_of(table.limit);
  }
  state.limit = table.limit;
  state.allowed = std::min(state.allowed, most_of(table.limit));
  state.refusals = table.refusals;
}

std::size_t neighbours::room(ip_family family, bool silent_before, monotonic_time now) {
  auto& state = of(family);
  const std::size_t kept = silent_before ? state.allowed / 16 : 0;
  const std::size_t allowed = std::max(least, state.allowed - kept);
  if (allowed > state.waiting) {
    return allowed - state.waiting;
  }
  if (now - state.looked_at >= table_good_for) {
    const auto table = read_(family);
    const std::size_t most = table ? most_of(table->limit) : 0;
    state.spare = table ? most - std::min<std::size_t>(table->entries, most) : 0;
    state.looked_at = now;
  }
  return state.spare > kept ? state.spare - kept : 0;
}

bool neighbours::was_full(ip_family family, monotonic_time now) {
  auto& state = of(family);
  const auto table = read_(family);
  if (!table || table->refusals == state.refusals) {
    return false;
  }
  take(state, *table);
  state.spare = 0;
  state.looked_at = now;
  // All that were sent in the same moment are refused: that is one lesson, not many.
  if (now - state.refused_at > milliseconds{500}) {
    // Where few wait, others have filled it: they are given way to step by step.
    const auto base = std::max(state.waiting, state.allowed / 2);
    state.allowed = std::max(least, std::min(state.allowed, base) * 3 / 4);
  }
  state.refused_at = now;
  return true;
}

void neighbours::look(monotonic_time now) {
  for (const ip_family family : both_families) {
    look_at(family, now);
  }
}

void neighbours::look_at(ip_family family, monotonic_time now) {
  auto& state = of(family);
  if (state.short_of_room || state.waiting > state.allowed / 2) {
    if (const auto table = read_(family)) {
      take(state, *table);
    }
  }
  if (now - state.refused_at > calm) {
    state.allowed = std::min(most_of(state.limit), state.allowed + state.allowed / 8 + 1);
  }
  const bool was_short = state.short_at != monotonic_time{};
  if (std::exchange(state.short_of_room, false)) {
    state.short_at = now;
    if (!was_short) {
      log::warn("icmp", "probes end because " + shortage(family), {{"waiting", state.waiting}});
    }
  } else if (was_short && now - state.short_at > calm * 4) {
    state.short_at = {};
    log::info("icmp", "there is room for new neighbours again", {{"limit", state.limit}});
  }
}

std::string neighbours::shortage(ip_family family) const {
  const auto& state = of(family);
  return "the kernel's table of neighbours has no room for more that do not answer (" +
         neighbour_limit_text(family, state.limit) + ")";
}

} // namespace xprober::icmp
