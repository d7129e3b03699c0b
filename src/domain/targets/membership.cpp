#include "xprober/domain/targets/membership.hpp"

#include <algorithm>
#include <utility>

#include "xprober/domain/address.hpp"
#include "xprober/domain/label_text.hpp"

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

membership::verdict membership::seen(const agent_identity& agent, const caller& who,
                                     monotonic_time now, wall_time wall) {
  if (!is_region_name(agent.region)) {
    ++refused_;
    return verdict::refused_region;
  }
  auto address = canonical_host_address(agent.local_ip);
  if (!address) {
    ++refused_;
    return verdict::refused_address;
  }
  key k{agent.region, std::move(*address)};
  auto i = members_.find(k);
  const bool joins = i == members_.end();
  if (joins) {
    if (members_.size() >= limit_) {
      ++refused_;
      return verdict::refused_full;
    }
    member fresh;
    fresh.agent = {k.region, k.address};
    fresh.first_seen = wall;
    i = members_.emplace(std::move(k), std::move(fresh)).first;
  }
  auto& m = i->second;
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
  return joins ? verdict::joined : verdict::renewed;
}

void membership::set_clock_skew(const agent_identity& agent, std::int64_t ms) {
  auto address = canonical_host_address(agent.local_ip);
  if (!address) {
    return;
  }
  if (const auto found = members_.find({agent.region, std::move(*address)});
      found != members_.end()) {
    found->second.clock_skew_ms = ms;
  }
}

std::size_t membership::expire(monotonic_time now) {
  return std::erase_if(members_,
                       [&](const auto& item) { return now - item.second.renewed >= lease_; });
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
    all.push_back(m.agent);
  }
  return all;
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
  }
  return "unknown";
}

} // namespace xprober
