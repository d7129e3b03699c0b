#include "xprober/actors/spool.hpp"

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/compress.hpp"

namespace xprober {

namespace {

/// Of a target list: two million names of 100 bytes, with room to spare.
constexpr std::size_t longest_list = std::size_t{512} << 20U;

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

spool_report spool_state::report() const {
  const auto size = files->size();
  return {size.batches, size.bytes, size.results, files->in_memory().results};
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
  state.tell(0);
  const auto metered = [self] { return handler_meter{self, actor_kind::spool, self->state.stats}; };
  return {
      [self, metered](const result_batch& batch) {
        const auto meter = metered();
        self->state.keep(batch);
        return self->state.report();
      },
      [self, metered](take_atom) {
        const auto meter = metered();
        return self->state.oldest();
      },
      [self, metered](ack_atom, std::uint64_t id) {
        const auto meter = metered();
        self->state.files->acknowledge(id);
        self->state.tell(0);
        return self->state.report();
      },
      [self, metered](const kept_list& list) {
        const auto meter = metered();
        std::string packed;
        compress(*list.bytes, packed);
        self->state.files->keep_list(packed);
      },
      [self, metered](list_atom) {
        const auto meter = metered();
        std::string bytes;
        const auto packed = self->state.files->kept_list();
        if (packed.empty() || !decompress(packed, longest_list, bytes).empty()) {
          return kept_list{};
        }
        return kept_list{std::make_shared<const std::string>(std::move(bytes))};
      },
  };
}

} // namespace xprober
