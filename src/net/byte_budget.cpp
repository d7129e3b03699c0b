#include "xprober/net/byte_budget.hpp"

#include <algorithm>

namespace xprober::net {

bool byte_budget::fits(const peer_key& peer, std::uint64_t more) const {
  const auto room = [more](std::uint64_t held, std::uint64_t most) {
    return held <= most && more <= most - held;
  };
  return !short_of_memory_ && room(held_, limits_.max_bytes) &&
         room(held_by(peer), limits_.max_peer_bytes);
}

void byte_budget::add(const peer_key& peer, std::uint64_t bytes) {
  if (bytes > 0) {
    held_ += bytes;
    peers_[peer] += bytes;
  }
}

void byte_budget::remove(const peer_key& peer, std::uint64_t bytes) {
  const auto found = peers_.find(peer);
  if (found == peers_.end()) {
    return;
  }
  const auto less = std::min(bytes, found->second);
  held_ -= less;
  found->second -= less;
  if (found->second == 0) {
    peers_.erase(found);
  }
}

std::uint64_t byte_budget::held_by(const peer_key& peer) const {
  const auto found = peers_.find(peer);
  return found == peers_.end() ? 0 : found->second;
}

std::uint64_t byte_charge::counted(std::uint64_t bytes) {
  return bytes > small_message_bytes ? bytes : 0;
}

bool byte_charge::may_hold(std::uint64_t bytes) {
  const auto wanted = counted(bytes);
  const bool fits =
      wanted <= held_ || !account_.budget || account_.budget->fits(peer_, wanted - held_);
  return fits || refuse();
}

bool byte_charge::hold(std::uint64_t bytes) {
  if (!may_hold(bytes)) {
    return false;
  }
  become(counted(bytes));
  return true;
}

bool byte_charge::hold_answer(std::uint64_t bytes) {
  const auto wanted = counted(bytes);
  become(0);
  if (wanted > 0 && account_.budget) {
    const auto& budget = *account_.budget;
    // One byte more: there is room for something.
    const bool has_room = budget.is_closed() ? wanted <= plain_answer_bytes : budget.fits(peer_, 1);
    if (!has_room) {
      return refuse();
    }
  }
  become(wanted);
  return true;
}

void byte_charge::become(std::uint64_t bytes) {
  if (bytes == held_) {
    return;
  }
  if (account_.budget) {
    account_.budget->remove(peer_, held_);
    account_.budget->add(peer_, bytes);
  }
  if (account_.counters) {
    account_.counters->held_bytes += bytes;
    account_.counters->held_bytes -= held_;
  }
  held_ = bytes;
}

bool byte_charge::refuse() {
  if (account_.counters) {
    ++account_.counters->refused_messages;
  }
  return false;
}

} // namespace xprober::net
