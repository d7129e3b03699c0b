#include "xprober/actors/agent/chain_teller.hpp"

#include <algorithm>
#include <map>

#include "xprober/actors/error_text.hpp"
#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/base64.hpp"

namespace xprober {

namespace {

constexpr std::chrono::seconds answer_timeout{15};
constexpr std::chrono::seconds retry_pause{10};
/// So many targets that have gone wait at most for a server that does not answer: then all is told
/// anew.
constexpr std::size_t most_gone = 10'000;

told_sighting sighting_of(const target_uid& uid) {
  return {std::string{uid.type.text()}, uid.region, uid.address, -1, {}};
}

} // namespace

void chain_teller_state::see(const chain_seen& seen) {
  const auto index = seen.target->index;
  const auto found = entries.find(index);
  if (found != entries.end() && found->second.target->uid != seen.target->uid) {
    forget(index);
  }
  if (!seen.chain) {
    forget(index);
    return;
  }
  auto& known = entries[index];
  const bool is_same =
      known.chain && known.verdict == seen.verdict &&
      (known.chain == seen.chain || known.chain->fingerprints == seen.chain->fingerprints);
  if (is_same) {
    return;
  }
  known.target = seen.target;
  known.chain = seen.chain;
  known.verdict = seen.verdict;
  put(index, known);
  tell_soon();
}

void chain_teller_state::put(target_index index, entry& what) {
  if (!std::exchange(what.queued, true)) {
    queue.push_back(index);
  }
}

void chain_teller_state::forget(target_index index) {
  const auto found = entries.find(index);
  if (found == entries.end()) {
    return;
  }
  if (sequence > 0 || under_way) {
    gone.push_back(found->second.target->uid);
  }
  entries.erase(found);
  if (gone.size() > most_gone) {
    gone.clear();
    anew = true;
  }
  tell_soon();
}

void chain_teller_state::hear(const server_abilities& can) {
  const bool was_able = std::exchange(able, can.batch_version > 0);
  if (able && !was_able) {
    arm(nanoseconds{0});
  }
}

/// What is under way comes first, also where it is to be tried again.
void chain_teller_state::tell_soon() {
  if (!under_way) {
    arm(chain_pause);
  }
}

void chain_teller_state::arm(nanoseconds pause) {
  const auto at = self->clock().now() + pause;
  if (able && (!armed || at < due)) {
    armed = true;
    due = at;
    self->scheduled_send(self, due, tell_chains_atom_v);
  }
}

void chain_teller_state::tell() {
  if (!armed || self->clock().now() < due) {
    return; // of a timer that another one was put before
  }
  armed = false;
  if (!able || waiting) {
    return;
  }
  if (!under_way) {
    under_way = next_request();
  }
  send();
}

/// A target that has another entry by now is told as it is.
void chain_teller_state::add_sightings(chains_request& out) {
  while (!gone.empty() && out.sightings.size() < max_told_sightings) {
    out.sightings.push_back(sighting_of(gone.front()));
    gone.pop_front();
  }
  std::map<const sent_chain*, std::int32_t> numbers;
  // Targets that show another one at each probe would let what is wanted grow without an end.
  while (!queue.empty() && out.sightings.size() < max_told_sightings &&
         wanted.size() < most_wanted) {
    const auto found = entries.find(queue.front());
    queue.pop_front();
    if (found == entries.end() || !std::exchange(found->second.queued, false)) {
      continue;
    }
    const auto& chain = found->second.chain;
    const auto [number, is_new] =
        numbers.try_emplace(chain.get(), static_cast<std::int32_t>(out.chains.size()));
    if (is_new) {
      out.chains.push_back({chain->fingerprints});
      for (std::size_t i = 0; i < chain->fingerprints.size(); ++i) {
        offered.try_emplace(chain->fingerprints[i], chain, i);
      }
    }
    auto& told = out.sightings.emplace_back(sighting_of(found->second.target->uid));
    told.chain = number->second;
    told.verdict = found->second.verdict;
  }
}

void chain_teller_state::add_certificates(chains_request& out) {
  std::size_t bytes = 0;
  while (!wanted.empty() && out.certificates.size() < max_told_certificates) {
    const auto& [chain, place] = wanted.front();
    const auto& der = chain->der[place];
    bytes += der.size();
    if (bytes > max_told_bytes) {
      return;
    }
    out.certificates.push_back(base64url(der));
    wanted.pop_front();
  }
}

chains_request chain_teller_state::next_request() {
  auto request = who;
  request.sequence = sequence;
  offered.clear();
  add_sightings(request);
  add_certificates(request);
  return request;
}

void chain_teller_state::send() {
  waiting = true;
  self->request(client, answer_timeout, *under_way)
      .then([this](const chains_response& answer) { answered(answer); },
            [this](const caf::error& why) { failed(why); });
}

void chain_teller_state::answered(const chains_response& answer) {
  waiting = false;
  complained = false;
  const auto asked = std::exchange(under_way, std::nullopt)->sequence;
  if (std::exchange(anew, false) || answer.again) {
    begin_again();
    // A server that lacks what it was told just now has no place for it at the moment.
    arm(asked == 0 ? nanoseconds{chain_heartbeat} : nanoseconds{chain_pause});
    return;
  }
  sequence = answer.sequence;
  for (const auto& one : answer.wanted) {
    if (const auto found = offered.find(one); found != offered.end()) {
      wanted.push_back(std::move(found->second));
      offered.erase(found); // once, however often it is asked for
    }
  }
  arm(idle() ? nanoseconds{chain_heartbeat} : nanoseconds{0});
}

void chain_teller_state::failed(const caf::error& why) {
  waiting = false;
  if (!std::exchange(complained, true)) {
    log::info("chain_teller",
              "the server was not told which certificates there are; it is tried on",
              {{"error", error_text(self->system(), why)}});
  }
  arm(retry_pause);
}

void chain_teller_state::begin_again() {
  sequence = 0;
  gone.clear();
  wanted.clear();
  queue.clear();
  for (auto& [index, known] : entries) {
    known.queued = false;
    put(index, known);
  }
}

chain_teller_actor::behavior_type
chain_teller(chain_teller_actor::stateful_pointer<chain_teller_state> self, chains_request who,
             rpc_client_actor client, stats_actor stats) {
  guard_actor(self, "chain_teller");
  auto& state = self->state;
  state.self = self;
  state.who = std::move(who);
  state.client = std::move(client);
  state.stats = std::move(stats);
  return {
      [self](const chain_seen& seen) {
        const handler_meter meter{self, actor_kind::chain_teller, self->state.stats};
        self->state.see(seen);
      },
      [self](const target_gone& gone) {
        const handler_meter meter{self, actor_kind::chain_teller, self->state.stats};
        self->state.forget(gone.index);
      },
      [self](const server_abilities& can) { self->state.hear(can); },
      [self](tell_chains_atom) {
        const handler_meter meter{self, actor_kind::chain_teller, self->state.stats};
        self->state.tell();
      },
  };
}

} // namespace xprober
