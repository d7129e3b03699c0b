#include "xprober/actors/agent/self_check.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/log.hpp"
#include "xprober/domain/wire/sentence.hpp"

namespace xprober {

namespace {

constexpr std::chrono::seconds stats_timeout{2};

own_fault_sample sample_of(const stats_snapshot& all, std::uint64_t spool_limit,
                           const std::string& certificate_fault) {
  own_fault_sample sample;
  sample.results = all.tally;
  sample.ticks = all.ticks.due;
  sample.late_ticks = all.ticks.late;
  sample.skipped_ticks = all.ticks.skipped_behind + all.ticks.skipped_overload;
  sample.unknown_targets = all.targets.unknown_type;
  for (const auto& kind : all.kinds) {
    sample.silent_names = std::max(sample.silent_names, kind.report.dns.silent_names);
  }
  sample.spool_bytes = all.push.spool_bytes;
  sample.spool_limit = spool_limit;
  sample.spool_problem = all.push.spool_problem;
  sample.certificate_fault = certificate_fault;
  sample.clock_ahead_ms = all.push.clock_ahead_ms;
  return sample;
}

agent_backlog backlog_of(const stats_snapshot& all) {
  const auto lag = std::max(all.ticks.lag_ms.p99, 0.0);
  return {all.push.spool_batches, all.push.spool_bytes, all.push.spool_oldest_unix,
          static_cast<std::uint64_t>(std::lround(std::min(lag, 1e9)))};
}

bool is_among(const std::vector<own_fault>& faults, const own_fault& wanted) {
  return std::ranges::find(faults, wanted.reason, &own_fault::reason) != faults.end();
}

} // namespace

void self_check_state::check() {
  self->delayed_send(self, self_check_interval, check_atom_v);
  self->request(stats, stats_timeout, get_stats_atom_v)
      .then([this](const stats_snapshot& all) { look(all); },
            [](const caf::error&) { /* it is asked again */ });
}

void self_check_state::look(const stats_snapshot& all) {
  watch.add(sample_of(all, spool_limit, certificate_fault), self->clock().now(), wall_clock::now());
  own_fault_report now{watch.faults(), clean_sentence(watch.blocked()), backlog_of(all)};
  for (auto& fault : now.faults) {
    fault.detail = clean_sentence(fault.detail);
  }
  if (now == told) {
    return;
  }
  const bool faults_changed = now.faults != told.faults || now.blocked != told.blocked;
  note_changes(now);
  told = now;
  self->send(syncer, now);
  if (faults_changed) {
    self->send(stats, std::move(now));
  }
}

void self_check_state::note_changes(const own_fault_report& now) const {
  for (const auto& fault : now.faults) {
    if (!is_among(told.faults, fault)) {
      log::warn("self_check", fault.detail, {{"own_fault", fault.reason}});
    }
  }
  for (const auto& fault : told.faults) {
    if (!is_among(now.faults, fault)) {
      log::info("self_check", "a fault of this prober's own is over",
                {{"own_fault", fault.reason}});
    }
  }
}

self_check_actor::behavior_type
self_check(self_check_actor::stateful_pointer<self_check_state> self, syncer_actor syncer,
           stats_actor stats, caf::timespan probe_interval, std::uint64_t spool_limit) {
  guard_actor(self, "self_check");
  auto& state = self->state;
  state.self = self;
  state.syncer = std::move(syncer);
  state.stats = std::move(stats);
  state.spool_limit = spool_limit;
  state.watch.set_probe_interval(probe_interval);
  self->delayed_send(self, first_self_check, check_atom_v);
  return {
      [self](check_atom) {
        const handler_meter meter{self, actor_kind::self_check, self->state.stats};
        self->state.check();
      },
      [self](const set_probe_interval& next) { self->state.watch.set_probe_interval(next.length); },
      [self](const certificate_fault_report& now) { self->state.certificate_fault = now.detail; },
  };
}

} // namespace xprober
