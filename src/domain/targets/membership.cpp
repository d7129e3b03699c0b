#include "xprober/domain/targets/membership.hpp"

#include <algorithm>
#include <utility>

#include "xprober/domain/address.hpp"
#include "xprober/domain/clock_skew.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/targets/agent_silence.hpp"

namespace xprober {

namespace {

/// ::ffff:0:0/96 (RFC 4291, 2.5.5.2) as the IPv4 address that it holds; others as they are.
ip_address unmapped(const ip_address& address) noexcept {
  const auto& b = address.bytes;
  const bool mapped = address.v6 && b[10] == 0xFF && b[11] == 0xFF &&
                      std::all_of(b.begin(), b.begin() + 10, [](auto byte) { return byte == 0; });
  if (!mapped) {
    return address;
  }
  ip_address four;
  std::copy_n(b.begin() + 12, 4, four.bytes.begin());
  return four;
}

/// One machine, and the same one for every agent that probes it.
bool names_one_machine(const ip_address& address) {
  if (!unusable_address(address, false).empty()) {
    return false;
  }
  // 0.0.0.0/8 and 240.0.0.0/4 are nobody's (RFC 6890), 169.254.0.0/16 is of one link (RFC 3927).
  const auto& b = address.bytes;
  return address.v6 || (b[0] != 0 && b[0] < 224 && !(b[0] == 169 && b[1] == 254));
}

} // namespace

std::optional<std::string> canonical_host_address(std::string_view text) {
  const auto parsed = parse_ip(text);
  if (!parsed) {
    return std::nullopt;
  }
  const auto address = unmapped(*parsed);
  return names_one_machine(address) ? std::optional{to_string(address)} : std::nullopt;
}

std::vector<own_fault> faults_of(const member& m, monotonic_time now) {
  auto all = m.about.own_faults;
  const auto is_clock = [](const own_fault& f) { return f.reason == own_faults::clock_off; };
  const bool misdated = m.misdated_at && now - *m.misdated_at < misdated_memory;
  if (m.clock_off_since) {
    std::erase_if(all, is_clock); // which it has from here
    all.push_back({std::string{own_faults::clock_off},
                   "its clock is " + clock_words(*m.clock_skew_ms) + " this server's",
                   to_unix_seconds(*m.clock_off_since)});
  } else if (misdated && std::ranges::none_of(all, is_clock)) {
    all.push_back({std::string{own_faults::clock_off},
                   "times of its results lie in the future or in the far past: they count when "
                   "they arrive; " +
                       std::to_string(m.misdated) + " since this server's start",
                   to_unix_seconds(m.misdated_since)});
  }
  return all;
}

known_agent kept_of(const member& m) {
  const auto state = m.state == agent_state::late ? agent_state::ok : m.state;
  return {m.agent, m.first_seen, m.last_seen, state, m.about.version, m.about.http_addr, m.meshed};
}

void membership::restore(std::span<const known_agent> known, monotonic_time now, wall_time wall) {
  begun_ = false;
  for (const auto& old : known) {
    auto address = canonical_host_address(old.agent.local_ip);
    if (!is_region_name(old.agent.region) || !address || members_.size() >= limit_ ||
        members_.contains({old.agent.region, *address})) {
      continue;
    }
    member m;
    m.agent = {old.agent.region, *address};
    m.first_seen = old.first_seen;
    m.last_seen = old.last_seen;
    m.about.version = old.version;
    m.about.http_addr = old.http_addr;
    m.restored = true;
    m.meshed = !gate_.is_retired(m.agent.region, *address) &&
               (gate_.has_networks() ? !refusal(*address, {}) : old.meshed);
    m.renewed = now;
    m.heard = now - std::max(wall - old.last_seen, wall_clock::duration{0});
    enter(m, old.state == agent_state::ok ? agent_state::late : old.state);
    members_.emplace(key{old.agent.region, std::move(*address)}, std::move(m));
  }
}

void membership::begin(monotonic_time now) {
  if (std::exchange(begun_, true)) {
    return;
  }
  for (auto& [k, m] : members_) {
    if (m.restored && m.state == agent_state::late) {
      m.renewed = now;
      m.heard = now; // while nobody could be asked nobody was silent
    }
  }
}

membership::verdict membership::seen(const agent_identity& agent, const caller& who,
                                     monotonic_time now, wall_time wall, agent_report about) {
  if (!is_region_name(agent.region)) {
    ++refused_;
    return verdict::refused_region;
  }
  auto address = canonical_host_address(agent.local_ip);
  if (!address) {
    ++refused_;
    return verdict::refused_address;
  }
  const bool retired = gate_.is_retired(agent.region, *address);
  const auto why = retired ? std::nullopt : refusal(*address, who.peer);
  key k{agent.region, std::move(*address)};
  auto i = members_.find(k);
  const bool is_new = i == members_.end();
  if (is_new) {
    if (!gate_.admit(now)) {
      ++refused_;
      return verdict::refused_rate;
    }
    if (members_.size() >= limit_ && !make_room()) {
      ++refused_;
      return verdict::refused_full;
    }
    member fresh;
    fresh.agent = {k.region, k.address};
    fresh.first_seen = wall;
    i = members_.emplace(std::move(k), std::move(fresh)).first;
  }
  auto& m = i->second;
  const auto before = m.state;
  const bool joins = is_new || before == agent_state::left;
  changed_ = changed_ || m.restored || m.about.own_faults != about.own_faults ||
             m.meshed != (!why && !retired);
  m.meshed = !why && !retired;
  m.about = std::move(about);
  renew(m, who, now, wall);
  enter(m, agent_state::ok);
  if (joins) {
    note(life_change::joined, m);
  } else if (before == agent_state::lost) {
    note(life_change::back, m);
  }
  if (retired && !std::exchange(m.retired, true)) {
    note(life_change::still_asks, m);
  }
  if (why) {
    ++refused_;
    return *why;
  }
  return joins ? verdict::joined : verdict::renewed;
}

std::optional<membership::verdict> membership::refusal(std::string_view address,
                                                       std::string_view peer) const {
  switch (gate_.judge(address, peer)) {
  case mesh_gate::verdict::other_network: return verdict::refused_network;
  case mesh_gate::verdict::other_peer: return verdict::refused_peer;
  case mesh_gate::verdict::open: break;
  }
  return std::nullopt;
}

void membership::set_gate(mesh_gate gate) {
  gate_ = std::move(gate);
  for (auto& [k, m] : members_) {
    const bool retired = gate_.is_retired(k.region, k.address);
    const bool present = m.state == agent_state::ok || m.state == agent_state::late;
    if (retired && !m.retired && present && !m.restored) {
      note(life_change::still_asks, m);
    }
    m.retired = retired && (m.retired || !m.restored);
    // Of before the start it is not known where it asked from.
    const bool meshed =
        !retired &&
        (m.restored && !gate_.has_networks() ? m.meshed : !refusal(m.agent.local_ip, m.peer));
    changed_ = changed_ || m.meshed != meshed;
    m.meshed = meshed;
  }
}

void membership::renew(member& m, const caller& who, monotonic_time now, wall_time wall) {
  if (!who.process.empty() && m.process != who.process) {
    if (m.earlier_process == who.process) {
      m.clashed = now;
    }
    m.earlier_process = std::exchange(m.process, std::string{who.process});
    m.earlier_peer = m.peer;
  }
  m.peer = who.peer;
  m.last_seen = wall;
  m.renewed = now;
  m.heard = now;
  m.restored = false;
}

bool membership::leave(const agent_identity& agent, std::string_view process, monotonic_time now,
                       wall_time wall) {
  const auto at = find(agent);
  if (at == members_.end()) {
    return false;
  }
  auto& m = at->second;
  const bool spoke_last = m.process.empty() || m.process == process;
  if (!spoke_last || m.state == agent_state::left) {
    return true;
  }
  m.last_seen = wall;
  m.heard = now;
  m.about.own_faults.clear();
  m.about.backlog.reset();
  enter(m, agent_state::left);
  note(life_change::left, m);
  return true;
}

bool membership::retire(const agent_identity& agent) {
  const auto at = find(agent);
  if (at == members_.end()) {
    return false;
  }
  remove(at, life_change::retired);
  return true;
}

void membership::note_push(const agent_identity& agent, std::int64_t skew_ms, wall_time wall) {
  if (const auto found = find(agent); found != members_.end()) {
    auto& m = found->second;
    m.clock_skew_ms = skew_ms;
    m.last_push = wall;
    const bool off = is_bad_clock(skew_ms);
    if (off != m.clock_off_since.has_value()) {
      m.clock_off_since = off ? std::optional{wall} : std::nullopt;
      changed_ = true;
    }
  }
}

void membership::note_delivery(const agent_identity& agent, std::int64_t newest_unix, bool late,
                               wall_time wall) {
  const auto found = find(agent);
  if (found == members_.end()) {
    return;
  }
  found->second.delivered_unix = newest_unix;
  if (!late) {
    found->second.caught_up = wall;
    changed_ = true;
  }
}

void membership::note_lapse(const agent_identity& agent, std::uint64_t misdated,
                            std::uint64_t refused, monotonic_time now, wall_time wall) {
  const auto found = find(agent);
  if (found == members_.end()) {
    return;
  }
  auto& m = found->second;
  m.misdated += misdated;
  m.refused += refused;
  if (misdated == 0) {
    return;
  }
  if (!m.misdated_at || now - *m.misdated_at >= misdated_memory) {
    m.misdated_since = wall;
    changed_ = true;
  }
  m.misdated_at = now;
}

void membership::excuse(nanoseconds time, monotonic_time now) {
  for (auto& [k, m] : members_) {
    m.renewed = std::min(now, m.renewed + time);
  }
}

void membership::advance(monotonic_time now) {
  for (auto i = members_.begin(); i != members_.end();) {
    auto& m = i->second;
    look_at(m, now);
    if (is_over(m, now)) {
      i = remove(i, m.state == agent_state::left                          ? life_change::dropped
                    : gate_.is_retired(i->first.region, i->first.address) ? life_change::retired
                                                                          : life_change::forgotten);
    } else {
      ++i;
    }
  }
}

void membership::look_at(member& m, monotonic_time now) {
  const bool present = m.state == agent_state::ok || m.state == agent_state::late;
  if (!present || (m.restored && !begun_)) {
    return;
  }
  const auto silent = now - m.renewed;
  if (silent >= lost_after(m.about, lease_)) {
    enter(m, agent_state::lost);
    if (!gate_.is_retired(m.agent.region, m.agent.local_ip)) {
      note(life_change::lost, m);
    }
  } else if (silent >= late_after(m.about)) {
    enter(m, agent_state::late);
  }
}

bool membership::is_over(const member& m, monotonic_time now) const {
  const auto gone_for = now - m.heard;
  const bool absent = m.state == agent_state::lost || m.state == agent_state::left;
  return (absent && gate_.is_retired(m.agent.region, m.agent.local_ip)) ||
         (m.state == agent_state::lost && gone_for >= forget_) ||
         (m.state == agent_state::left && gone_for >= std::min<nanoseconds>(forget_, left_time));
}

/// Those that have left go first, then those that were lost longest.
bool membership::make_room() {
  if (absent_ == 0) {
    return false;
  }
  const auto rank = [](const member& m) {
    const bool present = m.state == agent_state::ok || m.state == agent_state::late;
    return std::pair{present ? 2 : m.state == agent_state::lost ? 1 : 0, m.heard};
  };
  const auto least =
      std::min_element(members_.begin(), members_.end(), [&](const auto& a, const auto& b) {
        return rank(a.second) < rank(b.second);
      });
  const bool left = least->second.state == agent_state::left;
  remove(least, left ? life_change::dropped : life_change::forgotten);
  return true;
}

membership::members::iterator membership::find(const agent_identity& agent) {
  auto address = canonical_host_address(agent.local_ip);
  return address ? members_.find({agent.region, std::move(*address)}) : members_.end();
}

void membership::enter(member& m, agent_state state) {
  const auto absent = [](agent_state of) {
    return of == agent_state::lost || of == agent_state::left ? std::size_t{1} : std::size_t{0};
  };
  absent_ = absent_ + absent(state) - absent(m.state);
  changed_ = changed_ || m.state != state;
  m.state = state;
}

void membership::note(life_change what, const member& m) {
  events_.push_back({what, kept_of(m), m.peer});
}

membership::members::iterator membership::remove(members::iterator at, life_change why) {
  note(why, at->second);
  enter(at->second, agent_state::ok); // it is none of those that are absent
  changed_ = true;
  return members_.erase(at);
}

std::vector<identity_clash> membership::clashes(monotonic_time now) const {
  std::vector<identity_clash> all;
  for (const auto& [k, m] : members_) {
    if (m.clashed && now - *m.clashed < lease_) {
      // In one order, whoever has spoken last.
      const bool turned = m.process > m.earlier_process;
      all.push_back({m.agent, turned ? m.earlier_peer : m.peer, turned ? m.peer : m.earlier_peer});
    }
  }
  return all;
}

std::vector<agent_identity> membership::identities() const {
  std::vector<agent_identity> all;
  all.reserve(members_.size());
  for (const auto& [k, m] : members_) {
    if (m.state != agent_state::left && m.meshed) {
      all.push_back(m.agent);
    }
  }
  return all;
}

std::vector<agent_identity> membership::active() const {
  std::vector<agent_identity> all;
  all.reserve(members_.size() - absent_);
  for (const auto& [k, m] : members_) {
    if (m.state == agent_state::ok || m.state == agent_state::late) {
      all.push_back(m.agent);
    }
  }
  return all;
}

std::size_t membership::leases() const {
  return static_cast<std::size_t>(std::ranges::count_if(members_, [](const auto& item) {
    const auto& m = item.second;
    return !m.restored && (m.state == agent_state::ok || m.state == agent_state::late);
  }));
}

std::vector<member> membership::list() const {
  std::vector<member> all;
  all.reserve(members_.size());
  for (const auto& [k, m] : members_) {
    all.push_back(m);
  }
  return all;
}

std::string_view to_string(membership::verdict verdict) noexcept {
  switch (verdict) {
  case membership::verdict::joined: return "joined";
  case membership::verdict::renewed: return "renewed";
  case membership::verdict::refused_region:
    return "its region is empty, too long or not clean UTF-8";
  case membership::verdict::refused_address:
    return "its address is not a numeric address of one machine: it is link-local, multicast, "
           "reserved or none; set local_ip";
  case membership::verdict::refused_full: return "no more members are taken";
  case membership::verdict::refused_network: return "its address is in none of mesh_networks";
  case membership::verdict::refused_peer:
    return "its address is not that of its connection: name its network in mesh_networks where it "
           "may be, behind NAT or with several addresses";
  case membership::verdict::refused_rate:
    return "more new agents have come than limits.new_agents_per_minute: it enters when it asks "
           "again";
  }
  return "unknown";
}

} // namespace xprober
