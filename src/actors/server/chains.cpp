#include "xprober/actors/server/chains.hpp"

#include <chrono>
#include <string>
#include <utility>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/domain/string_hash.hpp"

namespace xprober {

namespace {

/// An agent shows a target that it has lost a while longer.
constexpr std::chrono::minutes target_time{10};

/// Agents that are silent are looked for so often.
constexpr std::chrono::minutes silence_interval{1};

std::uint64_t cost_of(const chains_request& said) {
  constexpr std::uint64_t much = 10;
  return said.sightings.size() + said.chains.size() + much * (said.certificates.size() + 1);
}

std::string later_text(nanoseconds wait) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  return "more certificates and targets are told of than a server takes at once: come again in " +
         std::to_string(seconds) + " s";
}

} // namespace

/// Like results, sightings of targets that no agent of the region was given do not count, nor those
/// whose names are not valid.
chain_book::admission chains_state::admission() {
  return [this](const agent_identity& who, const told_sighting& told) {
    return has_good_names(told) &&
           (!listed_only || !given.known() ||
            given.has(who.region, told.prober_type, told.region, told.target));
  };
}

caf::result<chains_response> chains_state::take(const chains_request& said) {
  const auto now = self->clock().now();
  const auto holder = hash_bytes(said.holder);
  if (const auto wait = pace.wait(holder, now); wait > nanoseconds{0}) {
    ++paced;
    return caf::make_error(caf::sec::runtime_error, later_text(wait));
  }
  pace.spend(holder, cost_of(said), now);
  return book.take(said, admission(), now);
}

void chains_state::report() const {
  auto counts = book.counts();
  counts.paced = paced;
  self->send(stats, counts);
}

void chains_state::limit(bool to_listed) {
  if (std::exchange(listed_only, to_listed) != to_listed) {
    book.recheck(admission());
    book.reconsider();
  }
}

void chains_state::enter(const target_universe& universe) {
  const bool was_known = given.known();
  given.enter(universe);
  const auto now = self->clock().now();
  const bool is_time = now - rotated >= target_time;
  if (is_time) {
    rotated = now;
    given.rotate();
  }
  // Before there was a list everything was taken.
  if (is_time || given.known() != was_known) {
    book.recheck(admission());
  }
  book.reconsider();
}

void chains_state::expire() {
  book.drop_silent(self->clock().now());
  self->delayed_send(self, silence_interval, expire_atom_v);
}

chains_actor::behavior_type chains(chains_actor::stateful_pointer<chains_state> self,
                                   stats_actor stats, chain_limits limits, bool listed_only) {
  guard_actor(self, "chains");
  self->state.self = self;
  self->state.stats = std::move(stats);
  self->state.book = chain_book{limits};
  self->state.listed_only = listed_only;
  self->state.rotated = self->clock().now();
  self->state.pace.set_rate(chains_state::told_per_second);
  self->delayed_send(self, silence_interval, expire_atom_v);
  const auto metered = [self] {
    return handler_meter{self, actor_kind::chains, self->state.stats};
  };
  return {
      [self, metered](const chains_request& said) {
        const auto meter = metered();
        return self->state.take(said);
      },
      [self, metered](const targets_entered& all) {
        const auto meter = metered();
        self->state.enter(all.universe);
      },
      [self](const limits_config& limits) { self->state.limit(limits.listed_targets_only); },
      [self, metered](const chain_query& query) -> chain_page_ptr {
        const auto meter = metered();
        return std::make_shared<const chain_page>(self->state.book.find(query));
      },
      [self](report_atom) {
        self->state.report();
        return done_atom_v;
      },
      [self, metered](expire_atom) {
        const auto meter = metered();
        self->state.expire();
      },
  };
}

} // namespace xprober
