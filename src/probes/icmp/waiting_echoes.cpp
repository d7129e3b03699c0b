#include "xprober/probes/icmp/waiting_echoes.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace xprober::icmp {

probe_way waiting_echoes::way_of(const probe_slot& slot) const noexcept {
  return slot.via->story ? probe_way::unknown : ways_.of(slot.target->index);
}

void waiting_echoes::handed(probe_slot& slot, monotonic_time at) noexcept {
  if (!waits(slot)) {
    nearby_.began(slot.address.family);
  }
  slot.handed_at = at;
}

void waiting_echoes::settled(probe_slot& slot) noexcept {
  if (waits(slot)) {
    nearby_.ended(slot.address.family);
  }
  slot.handed_at = {};
  slot.silent_since = {};
}

bool waiting_echoes::waits(const probe_slot& slot) noexcept {
  return slot.is_handed() || slot.silent_since != monotonic_time{};
}

monotonic_time waiting_echoes::due(const probe_slot& slot) noexcept {
  const auto deadline = slot.probe.deadline();
  auto at = slot.handed_at + patience;
  if (slot.silent_since != monotonic_time{}) {
    at = slot.silent_since + patience;
    at = slot.is_handed() ? std::max(at, slot.handed_at + least_of_second) : at;
  } else if (slot.way != probe_way::silent) {
    at = slot.handed_at + std::min(until_second, (deadline - slot.handed_at) / 2);
  }
  return std::min(at, deadline);
}

bool waiting_echoes::left(probe_slot& slot, const echo_tag& tag, monotonic_time at, bool exact) {
  if (!slot.is_handed() || tag.number != slot.probe.next_number()) {
    return false;
  }
  at = std::max(at, slot.handed_at);
  settled(slot);
  slot.way = probe_way::open;
  if (auto* story = slot.via->story.get()) {
    story->sent(tag.number, at);
  }
  slot.probe.sent(at, exact);
  return true;
}

void waiting_echoes::stayed(probe_slot& slot) {
  if (slot.is_handed()) {
    slot.probe.sent(slot.handed_at, false);
  }
  settled(slot);
  slot.way = probe_way::silent;
}

void waiting_echoes::expire(probe_slot& slot, monotonic_time now) {
  if (now < due(slot)) {
    return;
  }
  const bool second = slot.silent_since != monotonic_time{};
  const auto since = second ? slot.silent_since : slot.handed_at;
  const auto number = slot.probe.next_number();
  if (now < slot.probe.deadline()) {
    const bool was_silent = slot.way == probe_way::silent;
    if (second || was_silent) {
      end_silent(slot, now - since);
    } else {
      // It keeps its place: the neighbour's entry of the kernel's table is there still.
      slot.silent_since = std::exchange(slot.handed_at, {});
      slot.way = probe_way::silent;
      slot.probe.sent(since, false);
      slot.probe.stayed(number);
    }
    return;
  }
  const auto& limits = slot.via->config;
  const nanoseconds enough = std::min<nanoseconds>(limits.timeout, limits.deadline * 9 / 10);
  if (now - since >= enough) {
    end_silent(slot, now - since);
  }
}

void waiting_echoes::end_silent(probe_slot& slot, nanoseconds waited) {
  slot.trouble = to_string(slot.address) +
                 ": host unreachable: it, or the router to it, did not answer " +
                 (slot.address.family == ip_family::ip4 ? "ARP" : "neighbour discovery") + " for " +
                 std::to_string(waited / milliseconds{1}) + " ms";
  const auto number = slot.probe.next_number();
  if (!slot.is_handed()) {
    // The second echo waits still for its turn. It has waited for the neighbour no less.
    slot.probe.sent(slot.silent_since, false);
  }
  stayed(slot);
  slot.probe.icmp_error(number, probe_error::unreachable);
}

void waiting_echoes::ended(probe_slot& slot, probe_error error) {
  settled(slot);
  if (slot.via->story || is_local(error)) {
    return;
  }
  probe_way next = slot.way == probe_way::silent ? probe_way::silent : probe_way::unknown;
  if (error == probe_error::none) {
    next = probe_way::open;
  }
  ways_.note(slot.target->index, next);
}

} // namespace xprober::icmp
