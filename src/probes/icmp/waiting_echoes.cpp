#include "xprober/probes/icmp/waiting_echoes.hpp"

#include <algorithm>
#include <string>

namespace xprober::icmp {

probe_way waiting_echoes::way_of(const probe_slot& slot) const noexcept {
  return slot.via->story ? probe_way::unknown : ways_.of(slot.target->index);
}

void waiting_echoes::handed(probe_slot& slot, monotonic_time at) noexcept {
  nearby_.began(slot.address.family);
  slot.handed_at = at;
}

monotonic_time waiting_echoes::due(const probe_slot& slot) noexcept {
  return std::min(slot.handed_at + patience, slot.probe.deadline());
}

bool waiting_echoes::left(probe_slot& slot, const echo_tag& tag, monotonic_time at) {
  if (!slot.is_handed() || tag.number != slot.probe.next_number()) {
    return false;
  }
  nearby_.ended(slot.address.family);
  at = std::max(at, slot.handed_at);
  slot.handed_at = {};
  slot.way = probe_way::open;
  if (auto* story = slot.via->story.get()) {
    story->sent(tag.number, at);
  }
  slot.probe.sent(at, true);
  return true;
}

void waiting_echoes::stayed(probe_slot& slot) {
  nearby_.ended(slot.address.family);
  slot.probe.sent(slot.handed_at, false);
  slot.handed_at = {};
  slot.way = probe_way::silent;
}

void waiting_echoes::expire(probe_slot& slot, monotonic_time now) {
  const nanoseconds waited = now - slot.handed_at;
  const auto& limits = slot.via->config;
  const nanoseconds enough = std::min<nanoseconds>(limits.timeout, limits.deadline * 9 / 10);
  const bool at_end = now >= slot.probe.deadline() && waited >= enough;
  if (waited < patience && !at_end) {
    return;
  }
  slot.trouble = to_string(slot.address) + ": host unreachable: its neighbour did not answer " +
                 (slot.address.family == ip_family::ip4 ? "ARP" : "neighbour discovery") + " for " +
                 std::to_string(waited / milliseconds{1}) + " ms";
  const auto number = slot.probe.next_number();
  stayed(slot);
  slot.probe.icmp_error(number, probe_error::unreachable);
}

void waiting_echoes::ended(const probe_slot& slot, probe_error error) {
  if (slot.is_handed()) {
    nearby_.ended(slot.address.family);
  }
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
