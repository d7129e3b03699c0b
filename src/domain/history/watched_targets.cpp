#include "xprober/domain/history/watched_targets.hpp"

#include <algorithm>

namespace xprober {

namespace {

constexpr auto asked_claim = &watched_target::asked_unix;
constexpr auto named_claim = &watched_target::named_unix;

/// 0 stands for no claim.
std::int64_t claim_at(std::int64_t now) { return std::max<std::int64_t>(now, 1); }

} // namespace

watched_target& watched_targets::begin(std::uint64_t hash, std::int64_t now) {
  const auto [place, fresh] = targets_.try_emplace(hash);
  if (fresh) {
    place->second.hash = hash;
    place->second.since_unix = now;
  }
  changed_ = true;
  return place->second;
}

const watched_target& watched_targets::ask(std::uint64_t hash, std::int64_t now) {
  begin(hash, now).asked_unix = claim_at(now);
  make_room(asked_claim, most_asked, {hash});
  return targets_.at(hash);
}

std::size_t watched_targets::name(std::span<const target_uid> uids, std::int64_t now) {
  hashes wanted;
  hashes placed;
  std::vector<const target_uid*> fresh;
  for (const auto& uid : uids) {
    const auto hash = stable_hash(uid);
    if (!wanted.insert(hash).second) {
      continue;
    }
    const auto known = targets_.find(hash);
    if (known != targets_.end() && known->second.named_unix > 0) {
      known->second.named_unix = claim_at(now);
      placed.insert(hash);
      changed_ = true;
    } else {
      fresh.push_back(&uid);
    }
  }
  const auto room = std::min(fresh.size(), most_named - std::min(most_named, placed.size()));
  for (std::size_t i = 0; i < room; ++i) {
    const auto hash = stable_hash(*fresh[i]);
    auto& target = begin(hash, now);
    target.named_unix = claim_at(now);
    target.uid = *fresh[i];
    placed.insert(hash);
  }
  make_room(named_claim, most_named, placed);
  return fresh.size() - room;
}

std::size_t watched_targets::count(claim of) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(targets_, [of](const auto& t) { return t.second.*of > 0; }));
}

/// Takes the claims of those whose last time is longest ago until there are no more than `room`.
void watched_targets::make_room(claim of, std::size_t room, const hashes& spared) {
  for (auto left = count(of); left > room; --left) {
    watched_target* oldest = nullptr;
    for (auto& [hash, target] : targets_) {
      if (target.*of > 0 && !spared.contains(hash) &&
          (oldest == nullptr || target.*of < oldest->*of)) {
        oldest = &target;
      }
    }
    if (oldest == nullptr) {
      break;
    }
    oldest->*of = 0;
  }
  drop_unclaimed();
}

void watched_targets::drop_unclaimed() {
  const auto gone = std::erase_if(
      targets_, [](const auto& t) { return t.second.asked_unix == 0 && t.second.named_unix == 0; });
  changed_ = changed_ || gone > 0;
}

const watched_target* watched_targets::find(std::uint64_t hash) const {
  const auto found = targets_.find(hash);
  return found == targets_.end() ? nullptr : &found->second;
}

void watched_targets::learn(std::uint64_t hash, const target_uid& uid) {
  const auto found = targets_.find(hash);
  if (found != targets_.end() && !found->second.uid) {
    found->second.uid = uid;
    changed_ = true;
  }
}

void watched_targets::expire(std::int64_t now) {
  for (auto& [hash, target] : targets_) {
    for (const auto of : {asked_claim, named_claim}) {
      if (target.*of > 0 && target.*of + kept_seconds < now) {
        target.*of = 0;
        changed_ = true;
      }
    }
  }
  drop_unclaimed();
}

void watched_targets::begin_anew(std::int64_t now) {
  for (auto& [hash, target] : targets_) {
    target.since_unix = now;
    changed_ = true;
  }
}

void watched_targets::adopt(const std::vector<watched_target>& kept, std::int64_t now) {
  begin_anew(now);
  for (const auto& target : kept) {
    const auto [place, fresh] = targets_.try_emplace(target.hash, target);
    if (auto& known = place->second; !fresh) {
      known.since_unix = target.since_unix;
      known.asked_unix = std::max(known.asked_unix, target.asked_unix);
      known.named_unix = std::max(known.named_unix, target.named_unix);
      known.uid = known.uid ? known.uid : target.uid;
    }
  }
  make_room(asked_claim, most_asked, {});
  make_room(named_claim, most_named, {});
}

std::vector<watched_target> watched_targets::all() const {
  std::vector<watched_target> list;
  list.reserve(targets_.size());
  for (const auto& [hash, target] : targets_) {
    list.push_back(target);
  }
  std::ranges::sort(list, {}, &watched_target::hash);
  return list;
}

} // namespace xprober
