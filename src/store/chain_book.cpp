#include "xprober/store/chain_book.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "xprober/base/certificate_facts.hpp"
#include "xprober/domain/base64.hpp"

namespace xprober {

namespace {

/// The place of a new item: a free one, or one more.
template <class Item>
std::uint32_t take_place(std::vector<Item>& items, std::vector<std::uint32_t>& free) {
  if (free.empty()) {
    items.emplace_back();
    return static_cast<std::uint32_t>(items.size() - 1);
  }
  const auto place = free.back();
  free.pop_back();
  return place;
}

/// The number of a verdict. Those that an agent makes up are none: they would be shown to all.
std::uint8_t verdict_number(std::string_view verdict) {
  const auto found = std::ranges::find(told_verdicts, verdict);
  return found == told_verdicts.end() ? std::uint8_t{0}
                                      : static_cast<std::uint8_t>(found - told_verdicts.begin());
}

} // namespace

chains_response chain_book::take(const chains_request& said, const admission& admits,
                                 monotonic_time now) {
  auto* const known = agent_of({said.local_region, said.local_ip}, said);
  if (known == nullptr) {
    return {0, true, {}};
  }
  auto& who = *known;
  who.heard = now;
  if (!begin(who, said)) {
    return {0, true, {}};
  }
  learn(said.certificates);
  const agent_identity identity{said.local_region, said.local_ip};
  for (const auto& told : said.sightings) {
    const bool is_admitted = told.chain >= 0 && admits(identity, told);
    if (is_admitted) {
      see(who, told, said);
      continue;
    }
    forget(who, stable_hash(told.region, told.target, told.prober_type));
    if (told.chain >= 0) {
      who.refused = true;
      ++left_out_;
    }
  }
  chains_response answer{said.sequence + 1, false, {}};
  std::set<std::string_view> asked;
  for (const auto& chain : said.chains) {
    for (const auto& one : chain.certificates) {
      const auto found = by_fingerprint_.find(one);
      if (found != by_fingerprint_.end() && !certificates_[found->second].known &&
          asked.insert(one).second) {
        answer.wanted.push_back(one);
      }
    }
  }
  return answer;
}

chain_book::agent* chain_book::agent_of(const agent_key& key, const chains_request& said) {
  const auto at = agents_.find(key);
  if (at != agents_.end()) {
    if (said.sequence == 0 && at->second.by->first != said.holder) {
      take_back(at->second);
      give(at->second, said.holder);
    }
    return &at->second;
  }
  if (said.sequence != 0) {
    return nullptr;
  }
  if (agents_.size() >= limits_.agents && !has_place(said.holder)) {
    left_out_ += said.sightings.size();
    return nullptr;
  }
  auto& who = agents_[key];
  give(who, said.holder);
  return &who;
}

/// Makes one where the table is full of agents of others: the one that was heard last longest ago,
/// of the holder that has most. Of holders with one each none gives it away.
bool chain_book::has_place(const std::string& name) {
  const auto own = holders_.find(name);
  const auto fair = std::max<std::size_t>(
      limits_.agents / (holders_.size() + (own == holders_.end() ? 1 : 0)), 1);
  const auto most = std::ranges::max_element(holders_, {}, &holder::second);
  if ((own != holders_.end() && own->second >= fair) || most == holders_.end() ||
      most->second <= fair) {
    return false;
  }
  auto oldest = agents_.end();
  for (auto it = agents_.begin(); it != agents_.end(); ++it) {
    const bool is_its = it->second.by->first == most->first;
    if (is_its && (oldest == agents_.end() || it->second.heard < oldest->second.heard)) {
      oldest = it;
    }
  }
  left_out_ += oldest->second.sightings.size();
  drop(oldest);
  return true;
}

void chain_book::give(agent& who, const std::string& name) {
  who.by = &*holders_.try_emplace(name, 0).first;
  ++who.by->second;
}

void chain_book::take_back(agent& who) {
  if (--who.by->second == 0) {
    holders_.erase(who.by->first);
  }
}

std::map<chain_book::agent_key, chain_book::agent>::iterator
chain_book::drop(std::map<agent_key, agent>::iterator at) {
  forget_all(at->second);
  take_back(at->second);
  return agents_.erase(at);
}

/// A request that was applied and whose answer was lost comes again as it was, and changes nothing.
bool chain_book::begin(agent& who, const chains_request& said) {
  if (said.sequence == 0) {
    forget_all(who);
    who.process = said.process;
    who.refused = false;
    who.lacking = false;
    who.next = 1;
    return true;
  }
  const bool is_next = said.sequence == who.next || said.sequence + 1 == who.next;
  if (who.next == 0 || !is_next || who.process != said.process ||
      (who.lacking && has_much_room())) {
    return false;
  }
  who.next = said.sequence + 1;
  return true;
}

void chain_book::learn(const std::vector<std::string>& certificates) {
  for (const auto& text : certificates) {
    const auto der = read_base64url(text);
    const auto found = der ? by_fingerprint_.find(fingerprint_of_der(*der)) : by_fingerprint_.end();
    if (found == by_fingerprint_.end()) {
      ++refused_;
      continue;
    }
    auto& place = certificates_[found->second];
    if (place.known) {
      continue; // nobody has it read again and again
    }
    if (auto facts = read_certificate(*der)) {
      place.facts = std::move(*facts);
      place.known = true;
    } else {
      ++refused_;
    }
  }
}

void chain_book::see(agent& who, const told_sighting& told, const chains_request& said) {
  const auto target = stable_hash(told.region, told.target, told.prober_type);
  const auto& fingerprints = said.chains[static_cast<std::size_t>(told.chain)].certificates;
  forget(who, target);
  if (!make_room(who, fingerprints)) {
    ++left_out_;
    who.lacking = true;
    return;
  }
  const auto number = chain_of(fingerprints);
  ++chains_[number].sightings;
  for (const auto one : chains_[number].certificates) {
    ++who.certificates[one];
  }
  auto& uid = targets_[target];
  if (uid.sightings++ == 0) {
    uid.uid = {told.region, told.target, prober_name{told.prober_type}};
  }
  who.sightings.emplace(target, sighting{number, verdict_number(told.verdict)});
  ++sightings_;
  index_ = nullptr;
}

void chain_book::forget(agent& who, std::uint64_t target) {
  const auto found = who.sightings.find(target);
  if (found == who.sightings.end()) {
    return;
  }
  const auto number = found->second.chain;
  who.sightings.erase(found);
  --sightings_;
  index_ = nullptr;
  for (const auto one : chains_[number].certificates) {
    const auto held = who.certificates.find(one);
    if (--held->second == 0) {
      who.certificates.erase(held);
    }
  }
  const auto uid = targets_.find(target);
  if (--uid->second.sightings == 0) {
    targets_.erase(uid);
  }
  release(number);
}

void chain_book::forget_all(agent& who) {
  while (!who.sightings.empty()) {
    forget(who, who.sightings.begin()->first);
  }
}

bool chain_book::make_room(const agent& who, const std::vector<std::string>& fingerprints) {
  constexpr auto sightings = [](const agent& a) { return a.sightings.size(); };
  constexpr auto certificates = [](const agent& a) { return a.certificates.size(); };
  if (sightings_ >= limits_.sightings && !take_share(who, limits_.sightings, sightings)) {
    return false;
  }
  const auto is_full = [&] {
    const auto fresh = static_cast<std::size_t>(std::ranges::count_if(
        fingerprints, [this](const auto& one) { return !by_fingerprint_.contains(one); }));
    return fresh > 0 && certificates_now() + fresh > limits_.certificates;
  };
  // What is taken may have been shared with others, so that it makes no room.
  while (is_full()) {
    if (!take_share(who, limits_.certificates, certificates)) {
      return false;
    }
  }
  return true;
}

bool chain_book::has_much_room() const noexcept {
  return sightings_ < limits_.sightings - limits_.sightings / 10 &&
         certificates_now() < limits_.certificates - limits_.certificates / 10;
}

bool chain_book::take_share(const agent& who, std::size_t limit,
                            std::size_t (*size)(const agent&)) {
  const auto above = [&](const auto& entry) {
    const auto share = share_of(entry.second, limit);
    return size(entry.second) - std::min(size(entry.second), share);
  };
  const auto richest = std::ranges::max_element(agents_, {}, above);
  if (size(who) >= share_of(who, limit) || above(*richest) == 0) {
    return false;
  }
  auto& giver = richest->second;
  for (const auto share = share_of(giver, limit); size(giver) > share;) {
    forget(giver, giver.sightings.begin()->first);
    ++left_out_;
  }
  giver.lacking = true;
  return true;
}

/// Who has less than it is not above it: that is never `who`.
std::size_t chain_book::share_of(const agent& who, std::size_t limit) const noexcept {
  return limit / holders_.size() / who.by->second;
}

chain_book::number chain_book::chain_of(const std::vector<std::string>& fingerprints) {
  std::vector<number> certificates;
  certificates.reserve(fingerprints.size());
  for (const auto& one : fingerprints) {
    certificates.push_back(certificate_of(one));
  }
  const auto [found, is_new] = by_certificates_.try_emplace(certificates, 0);
  if (is_new) {
    found->second = take_place(chains_, free_chains_);
    chains_[found->second].certificates = std::move(certificates);
    for (const auto one : found->first) {
      ++certificates_[one].chains;
    }
  }
  return found->second;
}

/// Its certificates have a place while it has one.
void chain_book::release(number chain) {
  auto& left = chains_[chain];
  if (--left.sightings > 0) {
    return;
  }
  by_certificates_.erase(left.certificates);
  for (const auto one : left.certificates) {
    auto& place = certificates_[one];
    if (--place.chains == 0) {
      by_fingerprint_.erase(place.facts.fingerprint_sha256);
      place = {};
      free_certificates_.push_back(one);
    }
  }
  left.certificates.clear();
  free_chains_.push_back(chain);
}

chain_book::number chain_book::certificate_of(const std::string& fingerprint) {
  const auto [found, is_new] = by_fingerprint_.try_emplace(fingerprint, 0);
  if (is_new) {
    found->second = take_place(certificates_, free_certificates_);
    certificates_[found->second].facts.fingerprint_sha256 = fingerprint;
  }
  return found->second;
}

void chain_book::drop_silent(monotonic_time now) {
  for (auto it = agents_.begin(); it != agents_.end();) {
    if (now - it->second.heard < chain_memory) {
      ++it;
    } else {
      it = drop(it);
    }
  }
}

void chain_book::recheck(const admission& admits) {
  for (auto& [key, who] : agents_) {
    const agent_identity identity{key.first, key.second};
    std::vector<std::uint64_t> ended;
    for (const auto& [target, seen] : who.sightings) {
      const auto& uid = targets_.at(target).uid;
      if (!admits(identity, {std::string{uid.type.text()}, uid.region, uid.address, 0, {}})) {
        ended.push_back(target);
      }
    }
    for (const auto target : ended) {
      forget(who, target);
    }
    who.refused = who.refused || !ended.empty();
  }
}

void chain_book::reconsider() {
  for (auto& [key, who] : agents_) {
    if (who.refused) {
      who.next = 0;
    }
  }
}

chain_counts chain_book::counts() const {
  return {by_fingerprint_.size(),
          by_certificates_.size(),
          sightings_,
          agents_.size(),
          left_out_,
          refused_};
}

} // namespace xprober
