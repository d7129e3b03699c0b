#include "xprober/store/store_targets.hpp"

#include "xprober/domain/string_hash.hpp"

namespace xprober {

std::uint64_t store_targets::traits::hash(const key& k) {
  const auto pair = (std::uint64_t{k.region} << 32U) | k.address;
  return combine_hash(pair, std::uint64_t{k.prober});
}

slot store_targets::find(const store_texts& texts, const name& of) const {
  const key names{texts.find(of.region), texts.find(of.address), texts.find(of.prober)};
  return names.region == no_slot || names.address == no_slot || names.prober == no_slot
             ? no_slot
             : targets_.find(names);
}

slot store_targets::add(store_texts& texts, const name& of) {
  stored fresh;
  fresh.names = {texts.acquire(of.region), texts.acquire(of.address), texts.acquire(of.prober)};
  return targets_.insert(fresh);
}

void store_targets::remove_row(store_texts& texts, slot target) {
  --targets_[target].rows;
  release(texts, target);
}

void store_targets::release(store_texts& texts, slot target) {
  const auto gone = targets_[target];
  if (gone.rows > 0 || gone.listed) {
    return;
  }
  targets_.erase(target);
  texts.release(gone.names.region);
  texts.release(gone.names.address);
  texts.release(gone.names.prober);
}

void store_targets::forget(slot target, monotonic_time now) {
  auto& t = targets_[target];
  t.last_straggler = now;
  t.forgotten = true;
  if (!t.listed) {
    t.listed = true;
    forgotten_.push_back(target);
  }
}

void store_targets::expire(store_texts& texts, monotonic_time now, nanoseconds ttl) {
  std::size_t kept = 0;
  for (const slot target : forgotten_) {
    auto& t = targets_[target];
    if (t.forgotten && now - t.last_straggler < ttl) {
      forgotten_[kept++] = target;
      continue;
    }
    t.forgotten = t.listed = false;
    release(texts, target);
  }
  forgotten_.resize(kept);
}

} // namespace xprober
