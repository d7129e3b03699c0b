#include "xprober/actors/store.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "xprober/actors/aggregate.hpp"
#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"

namespace xprober {

namespace {

/// Rows dropped in one go: some milliseconds, so that pushes need not wait for a million.
constexpr std::size_t rows_per_sweep = 20'000;

nanoseconds expiry_interval(nanoseconds ttl) {
  return std::clamp<nanoseconds>(ttl / 10, std::chrono::milliseconds{10}, std::chrono::seconds{1});
}

} // namespace

push_response store_state::push(const push_request& request) {
  if (history) {
    self->send(history,
               history_values{std::make_shared<const std::vector<wire_value>>(request.values)});
  }
  return count(table.ingest(request.values, self->clock().now()));
}

push_response store_state::push(const batch_delivery& batch) {
  return count(table.ingest(*batch.body, batch.rows, self->clock().now() - batch.age));
}

push_response store_state::count(const ingest_report& done) {
  counts.received += done.accepted + done.rejected;
  counts.accepted += done.accepted;
  counts.rejected += done.rejected;
  // An agent with a fault sends the same again every few seconds: the first, second, fourth line.
  if (done.rejected > 0 && std::has_single_bit(++bad_batches)) {
    log::warn("store", "values rejected",
              {{"rejected", done.rejected},
               {"accepted", done.accepted},
               {"first_reason", done.reason},
               {"batches_so_far", bad_batches}});
  }
  changed();
  constexpr std::uint64_t most = std::numeric_limits<std::int32_t>::max();
  return {static_cast<std::int32_t>(std::min(done.accepted, most))};
}

void store_state::expire() {
  const auto now = self->clock().now();
  const auto before = table.series();
  const bool more = table.expire(now, rows_per_sweep);
  if (table.series() != before) {
    changed();
  }
  if (now >= next_expiry) {
    arm_expiry();
  }
  if (more) {
    self->send(self, expire_atom_v);
  }
}

void store_state::arm_expiry() {
  next_expiry = self->clock().now() + expiry_interval(table.ttl());
  self->scheduled_send(self, next_expiry, expire_atom_v);
}

void store_state::set_ttl(nanoseconds ttl) {
  table.set_ttl(ttl);
  expire();
}

void store_state::changed() {
  untold = true;
  if (!report_armed) {
    report();
  }
}

void store_state::report() {
  report_armed = untold;
  if (untold) {
    untold = false;
    counts.stored_series = table.series();
    self->send(stats, counts);
    self->delayed_send(self, store_report_interval, flush_atom_v);
  }
}

store_view store_state::view(bool with_targets) const {
  return std::make_shared<const store_snapshot>(
      make_snapshot(table, self->clock().now(), with_targets));
}

store_actor::behavior_type store(store_actor::stateful_pointer<store_state> self, stats_actor stats,
                                 caf::timespan result_ttl, history_actor history) {
  guard_actor(self, "store");
  auto& state = self->state;
  state.self = self;
  state.stats = std::move(stats);
  state.history = std::move(history);
  state.table.set_ttl(result_ttl);
  self->send(self, expire_atom_v);
  const auto metered = [self] { return handler_meter{self, actor_kind::store, self->state.stats}; };
  return {
      [self, metered](const push_request& request) {
        const auto meter = metered();
        return self->state.push(request);
      },
      [self, metered](const batch_delivery& batch) {
        const auto meter = metered();
        return self->state.push(batch);
      },
      [self, metered](const forget_targets& gone) {
        const auto meter = metered();
        self->state.table.forget(gone.targets, self->clock().now());
        self->state.changed();
      },
      [self, metered](list_atom, const forget_targets& welcome) {
        const auto meter = metered();
        self->state.table.welcome(welcome.targets);
      },
      [self, metered](interval_atom, caf::timespan ttl) {
        const auto meter = metered();
        self->state.set_ttl(ttl);
      },
      [self, metered](expire_atom) {
        const auto meter = metered();
        self->state.expire();
      },
      [self, metered](flush_atom) {
        const auto meter = metered();
        self->state.report();
      },
      [self, metered](snapshot_atom, bool with_targets) {
        const auto meter = metered();
        return self->state.view(with_targets);
      },
  };
}

} // namespace xprober
