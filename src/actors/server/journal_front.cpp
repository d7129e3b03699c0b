#include "xprober/actors/server/journal_front.hpp"

#include <utility>

#include "xprober/actors/guard.hpp"

namespace xprober {

journal_actor::behavior_type
journal_front(journal_actor::stateful_pointer<journal_front_state> self, journal_actor journal) {
  guard_actor(self, "journal_front");
  self->state.journal = std::move(journal);
  return {
      [self](push_batch_request& request) {
        return self->delegate(self->state.journal, std::move(request));
      },
      [self](push_request& request) {
        return self->delegate(self->state.journal, std::move(request));
      },
      [self](prepare_atom, const journal_readers& wanted) {
        return self->delegate(self->state.journal, prepare_atom_v, wanted);
      },
      [self](commit_atom) { return self->delegate(self->state.journal, commit_atom_v); },
      [self](abandon_atom) { self->send(self->state.journal, abandon_atom_v); },
      [self](const reader_begin& begin) { return self->delegate(self->state.journal, begin); },
      [self](const read_request& request) { return self->delegate(self->state.journal, request); },
      [self](const reader_progress& progress) {
        return self->delegate(self->state.journal, progress);
      },
      [self](const series_ended& ended) { self->send(self->state.journal, ended); },
      [self](await_replay_atom) {
        return self->delegate(self->state.journal, await_replay_atom_v);
      },
      [self](const set_result_ttl& ttl) { self->send(self->state.journal, ttl); },
      [self](const limits_config& next) { self->send(self->state.journal, next); },
      [self](const memory_strain& now) { self->send(self->state.journal, now); },
      [self](const targets_entered& all) { self->send(self->state.journal, all); },
      [self](get_problem_atom) { return self->delegate(self->state.journal, get_problem_atom_v); },
      [self](retry_atom) { self->send(self->state.journal, retry_atom_v); },
      [self](prune_atom) { self->send(self->state.journal, prune_atom_v); },
      [self](replay_atom) { self->send(self->state.journal, replay_atom_v); },
  };
}

} // namespace xprober
