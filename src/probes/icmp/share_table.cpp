#include "xprober/probes/icmp/share_table.hpp"

#include <algorithm>
#include <cstring>

#include <xxhash.h>

namespace xprober::icmp {

namespace {

std::uint32_t key4(const host_address& address) noexcept {
  std::uint32_t key = 0;
  std::memcpy(&key, address.bytes.data(), sizeof(key));
  return key;
}

std::array<std::uint8_t, 20> key6(const host_address& address) noexcept {
  std::array<std::uint8_t, 20> key;
  std::memcpy(key.data(), address.bytes.data(), 16);
  std::memcpy(key.data() + 16, &address.scope, 4);
  return key;
}

} // namespace

std::size_t
share_table::ip6_hash::operator()(const std::array<std::uint8_t, 20>& key) const noexcept {
  return XXH3_64bits(key.data(), key.size());
}

std::uint32_t share_table::period_number(monotonic_time now) const noexcept {
  return static_cast<std::uint32_t>(now.time_since_epoch() / period_);
}

bool share_table::knows(const host_address& address) const {
  return address.family == ip_family::ip4 ? ip4_.contains(key4(address))
                                          : ip6_.contains(key6(address));
}

share_table::entry& share_table::entry_of(const host_address& address) {
  return address.family == ip_family::ip4 ? ip4_[key4(address)] : ip6_[key6(address)];
}

share_table::decision share_table::ask(const host_address& address, target_index who,
                                       monotonic_time now) {
  if (period_.count() == 0) {
    return {};
  }
  const auto number = period_number(now);
  if (size() >= sweep_at_ && !knows(address)) {
    sweep(number);
  }
  const auto before = size();
  entry& e = entry_of(address);
  e.period = number;
  if (size() != before) {
    e.owner = who;
    return {};
  }
  if (e.owner == who) {
    if (e.record != no_record && number - records_[e.record].others > periods_kept) {
      drop_record(e);
    }
    return {decision::kind::probe, {}, nullptr, e.record};
  }
  if (e.record == no_record) {
    e.record = take_record();
  }
  record& r = records_[e.record];
  r.others = number;
  if (r.begun != monotonic_time::min() && now - r.begun < period_) {
    if (r.running) {
      return {decision::kind::join, *r.running, nullptr, no_record};
    }
    if (r.outcome) {
      return {decision::kind::copy, {}, r.outcome.get(), no_record};
    }
  }
  e.owner = who;
  return {decision::kind::probe, {}, nullptr, e.record};
}

void share_table::began(std::uint32_t record, probe_key probe, monotonic_time now) {
  if (record != no_record) {
    records_[record].running = probe;
    records_[record].begun = now;
  }
}

void share_table::ended(std::uint32_t record, probe_key probe, const probe_outcome& outcome) {
  if (record == no_record || records_[record].running != probe) {
    return;
  }
  auto& r = records_[record];
  r.running.reset();
  if (r.outcome) {
    *r.outcome = outcome;
  } else {
    r.outcome = std::make_unique<probe_outcome>(outcome);
  }
}

std::uint32_t share_table::take_record() {
  if (free_.empty()) {
    records_.emplace_back();
    return static_cast<std::uint32_t>(records_.size() - 1);
  }
  const auto index = free_.back();
  free_.pop_back();
  return index;
}

void share_table::drop_record(entry& e) {
  if (e.record != no_record) {
    records_[e.record] = {};
    free_.push_back(e.record);
    e.record = no_record;
  }
}

void share_table::sweep(std::uint32_t now) {
  const auto old = [&](auto& item) {
    if (now - item.second.period <= periods_kept) {
      return false;
    }
    drop_record(item.second);
    return true;
  };
  boost::unordered::erase_if(ip4_, old);
  boost::unordered::erase_if(ip6_, old);
  // Twice what is left: every address is swept over once for each time it is asked for anew.
  sweep_at_ = std::max<std::size_t>(1024, size() * 2);
}

} // namespace xprober::icmp
