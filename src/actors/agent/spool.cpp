#include "xprober/actors/agent/spool.hpp"

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/targets/target_list_codec.hpp"
#include "xprober/domain/targets/target_set.hpp"
#include "xprober/domain/wire/compress.hpp"

namespace xprober {

namespace {

/// Of a target list: two million names of 100 bytes, with room to spare.
constexpr std::size_t longest_list = std::size_t{512} << 20U;

/// After so much the kept list is written whole again: reading it takes some 10 ms for each change
/// of a million targets.
constexpr std::uint64_t most_changes = 64;
constexpr std::uint64_t most_change_bytes = std::uint64_t{16} << 20U;

} // namespace

void spool_state::tell(std::uint64_t batch) {
  const auto& now = files->counts();
  const spool_change change{batch, now.acked - told.acked, now.dropped - told.dropped,
                            now.restored - told.restored};
  told = now;
  if (change.batch + change.acked + change.dropped + change.restored > 0) {
    self->send(results, change);
  }
}

void spool_state::keep(const result_batch& batch) {
  // A pusher that got no answer in time asks again.
  if (batch.id != last_batch) {
    files->append(batch.results, self->clock().now());
    last_batch = batch.id;
  }
  tell(batch.id);
}

spool_item spool_state::oldest() {
  auto batch = files->oldest(wall_clock::now());
  tell(0); // a damaged one is dropped
  if (batch.id == 0) {
    return {};
  }
  return {batch.id, batch.results, std::make_shared<const std::string>(std::move(batch.bytes))};
}

void spool_state::keep_list(const target_list& list, std::string_view revision) {
  std::string packed;
  compress(encode_target_list(list, revision), packed);
  if (files->keep_list(packed)) {
    changes = change_bytes = 0;
    kept_revision = revision;
  }
}

/// False: the change leads away from another list than the one that is kept. It is of no use, and
/// so are all that follow until there is a whole list.
bool spool_state::keep_change(const kept_change& change) {
  if (!files->keeps_lists()) {
    return true;
  }
  if (!kept_revision) {
    kept_revision = last_list().revision;
  }
  if (change.base != *kept_revision) {
    return false;
  }
  std::string packed;
  compress(encode_list_change(change.base, change.revision, *change.added, *change.removed),
           packed);
  if (!files->keep_change(packed)) {
    return false;
  }
  kept_revision = change.revision;
  ++changes;
  change_bytes += packed.size();
  if (changes >= most_changes || change_bytes >= most_change_bytes) {
    if (const auto whole = last_list(); whole.targets) {
      keep_list(*whole.targets, whole.revision);
    }
  }
  return true;
}

kept_list spool_state::last_list() {
  std::string bytes;
  auto list = std::make_shared<target_list>();
  kept_list kept;
  const auto packed = files->kept_list();
  if (packed.empty() || !decompress(packed, longest_list, bytes).empty() ||
      !decode_target_list(bytes, *list, kept.revision)) {
    return {};
  }
  for (const auto& packed_change : files->kept_changes()) {
    list_change change;
    // One that does not fit ends the chain: what is there until then was the list once.
    if (!decompress(packed_change, longest_list, bytes).empty() ||
        !decode_list_change(bytes, change) || change.base != kept.revision) {
      break;
    }
    apply_difference(*list, change.added, change.removed);
    kept.revision = change.revision;
  }
  kept.targets = std::move(list);
  return kept;
}

/// The list that is kept has a revision of the server that is left, which must not be told to
/// another one: it goes on without any.
void spool_state::change_server() {
  files->begin_instance();
  if (!files->keeps_lists()) {
    return;
  }
  if (!kept_revision) {
    kept_revision = last_list().revision;
  }
  if (!kept_revision->empty()) {
    const auto nothing = std::make_shared<const target_list>();
    keep_change({*kept_revision, {}, nothing, nothing});
  }
}

spool_report spool_state::report() const {
  const auto size = files->size();
  return {size.batches,
          size.bytes,
          size.results,
          files->in_memory().results,
          files->counts().set_aside,
          files->problem(),
          files->oldest_unix()};
}

spool_actor::behavior_type spool(spool_actor::stateful_pointer<spool_state> self,
                                 storage::spool_options options, results_actor results,
                                 stats_actor stats) {
  guard_actor(self, "spool");
  auto& state = self->state;
  state.self = self;
  state.results = std::move(results);
  state.stats = std::move(stats);
  state.files = std::make_unique<storage::spool>(std::move(options));
  for (const auto& change : state.files->kept_changes()) {
    ++state.changes;
    state.change_bytes += change.size();
  }
  state.tell(0);
  const auto metered = [self] { return handler_meter{self, actor_kind::spool, self->state.stats}; };
  return {
      [self, metered](const result_batch& batch) {
        const auto meter = metered();
        self->state.keep(batch);
        return self->state.report();
      },
      [self, metered](oldest_batch_atom) {
        const auto meter = metered();
        return self->state.oldest();
      },
      [self, metered](const batch_acked& batch) {
        const auto meter = metered();
        self->state.files->acknowledge(batch.id);
        self->state.tell(0);
        return self->state.report();
      },
      [self](spool_size_atom) { return self->state.report(); },
      [self, metered](const kept_list& list) {
        const auto meter = metered();
        self->state.keep_list(*list.targets, list.revision);
      },
      [self, metered](const kept_change& change) {
        const auto meter = metered();
        return self->state.keep_change(change);
      },
      [self, metered](get_kept_list_atom) {
        const auto meter = metered();
        return self->state.last_list();
      },
      [self, metered](new_server_atom) {
        const auto meter = metered();
        self->state.change_server();
        return done_atom_v;
      },
  };
}

} // namespace xprober
