#include "xprober/probes/icmp/probe_table.hpp"

namespace xprober::icmp {

std::uint32_t probe_table::take() {
  if (free_.empty()) {
    slots_.emplace_back();
    return static_cast<std::uint32_t>(slots_.size() - 1);
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  return index;
}

void probe_table::release(std::uint32_t index) {
  probe_slot& s = slots_[index];
  ++s.generation;
  s.state = probe_slot::phase::free;
  s.via.reset();
  s.target.reset();
  s.done = nullptr;
  s.trouble.clear();
  s.errors.clear();
  s.followers.clear();
  s.reply_ttl = 0;
  s.resolve_cached = false;
  s.resolve_lag = nanoseconds{0};
  s.way = probe_way::unknown;
  s.handed_at = {};
  s.silent_since = {};
  s.lookup.cancel();
  free_.push_back(index);
}

probe_slot* probe_table::find(std::uint32_t index, std::uint32_t generation) noexcept {
  if (index >= slots_.size() || slots_[index].generation != generation ||
      slots_[index].state == probe_slot::phase::free) {
    return nullptr;
  }
  return &slots_[index];
}

} // namespace xprober::icmp
