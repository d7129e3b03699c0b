#include "xprober/actors/stats.hpp"

#include <algorithm>
#include <memory>

#include "xprober/actors/guard.hpp"
#include "xprober/actors/meter.hpp"
#include "xprober/base/process_info.hpp"

namespace xprober {

namespace {

latency_quantiles scaled(const quantiles& q, double unit) {
  return {static_cast<double>(q.p50) / unit, static_cast<double>(q.p99) / unit,
          static_cast<double>(q.max) / unit};
}

} // namespace

void stats_state::add(const handler_report& report) {
  auto& kind = kinds[static_cast<std::size_t>(report.kind)];
  kind.totals.messages += report.messages;
  kind.totals.mailbox_now = report.mailbox_now;
  kind.totals.mailbox_max = std::max(kind.totals.mailbox_max, report.mailbox_max);
  if (report.handler_ns) {
    kind.handler_ns.merge(self->clock().now(), *report.handler_ns);
  }
  for (const auto& edge : report.edges) {
    auto& sum =
        edges.try_emplace({edge.from, edge.to}, actor_edge{edge.from, edge.to}).first->second;
    sum.messages += edge.messages;
    sum.questions += edge.questions;
  }
}

void stats_state::add(const lifecycle_report& report) {
  auto& totals = kinds[static_cast<std::size_t>(report.kind)].totals;
  totals.spawned += report.spawned;
  totals.stopped += report.stopped;
  totals.failed += report.failed;
  totals.running = totals.spawned - std::min(totals.spawned, totals.stopped + totals.failed);
}

void stats_state::add(const tick_report& report) {
  ticks.due += report.due;
  ticks.late += report.late;
  ticks.skipped_busy += report.skipped_busy;
  ticks.skipped_behind += report.skipped_behind;
  ticks.skipped_overload += report.skipped_overload;
  ticks.repeated += report.repeated;
  if (report.lag_us) {
    tick_lag_us.merge(self->clock().now(), *report.lag_us);
  }
}

void stats_state::add(const engine_report& report) {
  auto& engine = engine_of(report.kind);
  engine.last = report;
  if (report.receive_gap_us) {
    engine.has_gap = true;
    engine.receive_gap_us.merge(self->clock().now(), *report.receive_gap_us);
  }
}

stats_state::engine_counts& stats_state::engine_of(std::string_view kind) {
  for (auto& engine : engines) {
    if (engine.last.kind == kind) {
      return engine;
    }
  }
  engines.emplace_back().last.kind = kind;
  return engines.back();
}

void stats_state::add(const receiver_report& report) {
  if (report.gone) {
    receivers.erase(report.name);
  } else {
    receivers[report.name] = report.stats;
  }
}

void stats_state::add(const notify_report& report) {
  if (report.gone) {
    notify.erase(report.name);
  } else {
    auto& line = notify[report.name];
    line = report.stats;
    line.name = report.name;
  }
}

std::vector<remote_write_stats> stats_state::remote_write() const {
  std::vector<remote_write_stats> all;
  for (const auto& [key, receiver] : receivers) {
    remote_write_stats line{receiver, {}};
    for (const auto& reader : journal.readers) {
      if (reader.name == key) {
        line.queue = reader;
      }
    }
    all.push_back(std::move(line));
  }
  return all;
}

caf::result<stats_snapshot> stats_state::settled_snapshot() {
  const auto now = self->clock().now();
  std::vector<caf::actor> asked;
  std::erase_if(reporters, [&](const reporter& r) {
    auto alive = caf::actor_cast<caf::actor>(r.address);
    const bool ended = !alive;
    if (!ended && now >= r.rests_until) {
      asked.push_back(std::move(alive));
    }
    return ended;
  });
  if (asked.empty()) {
    return snapshot();
  }
  auto promise = self->make_response_promise<stats_snapshot>();
  const auto one_less = [this, promise, left = std::make_shared<std::size_t>(asked.size())] {
    if (--*left == 0) {
      auto answered = promise;
      answered.deliver(snapshot());
    }
  };
  for (const auto& owner : asked) {
    // It is in the mailbox before the answer: what it tells comes first.
    self->request(owner, report_patience, report_atom_v)
        .then([one_less](done_atom) { one_less(); },
              [this, one_less, address = owner.address()](const caf::error& why) {
                if (why == caf::sec::request_timeout) {
                  let_rest(address);
                }
                one_less();
              });
  }
  return promise;
}

void stats_state::let_rest(const caf::actor_addr& address) {
  for (auto& r : reporters) {
    if (r.address == address) {
      r.rests_until = self->clock().now() + report_rest;
    }
  }
}

stats_snapshot stats_state::snapshot() const {
  const auto now = self->clock().now();
  const auto process = read_process_info();
  stats_snapshot all;
  all.role = identity.role;
  all.version = identity.version;
  all.started_unix = started_unix;
  all.uptime_seconds = std::chrono::duration<double>(now - began).count();
  all.rss_bytes = process.rss_bytes;
  all.cpu_seconds = process.cpu_seconds;
  all.open_fds = process.open_fds;
  const auto& config = self->system().config();
  all.scheduler_policy =
      caf::to_string(caf::get_or(config, "scheduler.policy", caf::defaults::scheduler::policy));
  all.scheduler_workers = self->system().scheduler().num_workers();
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const auto& kind = kinds[i];
    if (kind.totals.spawned == 0 && kind.totals.messages == 0) {
      continue;
    }
    auto row = kind.totals;
    row.handler_us = scaled(kind.handler_ns.summary(now), 1e3);
    all.actors.emplace(to_string(static_cast<actor_kind>(i)), row);
  }
  for (const auto& [ends, edge] : edges) {
    all.actor_edges.push_back(edge);
  }
  all.targets = targets;
  all.sync = sync;
  all.ticks = ticks;
  all.ticks.lag_ms = scaled(tick_lag_us.summary(now), 1e3);
  for (const auto& engine : engines) {
    kind_stats line{engine.last, {}};
    if (engine.has_gap) {
      line.receive_gap_us = scaled(engine.receive_gap_us.summary(now), 1);
    }
    all.kinds.push_back(std::move(line));
  }
  all.probe_requests = probe_requests;
  all.push = push;
  all.push.results_acked = backlog.acked;
  all.push.pending = backlog.pending;
  all.push.results_dropped = backlog.dropped;
  all.push.results_forgotten = backlog.forgotten;
  all.push.results_restored = backlog.restored;
  for (const auto& [shard, part] : ingest) {
    all.ingest.received += part.received;
    all.ingest.accepted += part.accepted;
    all.ingest.rejected += part.rejected;
    all.ingest.stored_series += part.stored_series;
  }
  all.ingest.duplicate_batches = journal.duplicate_batches;
  all.journal = journal;
  all.discovery = discovery;
  all.rpc = rpc;
  all.remote_write = remote_write();
  for (const auto& [key, line] : notify) {
    all.notify.push_back(line);
  }
  for (const auto& [port, counts] : ports) {
    all.ports.push_back(counts);
  }
  all.memory = memory;
  all.history = history;
  all.incidents = incidents;
  all.chains = chains;
  for (const auto& reader : journal.readers) {
    if (reader.name == history_reader) {
      all.history.waiting = reader.pending;
      all.history.dropped = reader.dropped;
    }
  }
  all.agents = agents;
  all.tally = tally;
  all.own_faults = own.faults;
  all.blocked = own.blocked;
  for (const auto& [from, lines] : warnings) {
    all.warnings.insert(all.warnings.end(), lines.begin(), lines.end());
  }
  return all;
}

stats_actor::behavior_type stats(stats_actor::stateful_pointer<stats_state> self,
                                 stats_identity identity) {
  guard_actor(self, "stats");
  auto& state = self->state;
  state.self = self;
  state.identity = std::move(identity);
  for (const auto& kind : state.identity.kinds) {
    state.engines.emplace_back().last.kind = kind;
  }
  state.began = self->clock().now();
  state.started_unix = to_unix_seconds(wall_clock::now());
  return {
      [self](const handler_report& report) { self->state.add(report); },
      [self](const lifecycle_report& report) { self->state.add(report); },
      [self](const tick_report& report) { self->state.add(report); },
      [self](const engine_report& report) { self->state.add(report); },
      [self](const sync_stats& section) { self->state.sync = section; },
      [self](const push_stats& section) { self->state.push = section; },
      [self](const backlog_stats& section) { self->state.backlog = section; },
      [self](const target_stats& section) { self->state.targets = section; },
      [self](const ingest_stats& section) { self->state.ingest[section.shard] = section; },
      [self](const journal_stats& section) { self->state.journal = section; },
      [self](const probe_request_stats& section) { self->state.probe_requests = section; },
      [self](const discovery_stats& section) { self->state.discovery = section; },
      [self](const rpc_stats& section) { self->state.rpc = section; },
      [self](const memory_stats& section) { self->state.memory = section; },
      [self](const port_counters& section) { self->state.ports[section.port] = section; },
      [self](const receiver_report& report) { self->state.add(report); },
      [self](const notify_report& report) { self->state.add(report); },
      [self](const history_stats& section) { self->state.history = section; },
      [self](const incident_stats& section) { self->state.incidents = section; },
      [self](const chain_counts& section) { self->state.chains = section; },
      [self](const registry_stats& section) { self->state.agents = section.agents; },
      [self](const warnings_report& report) { self->state.warnings[report.from] = report.lines; },
      [self](const result_tally& section) { self->state.tally = section; },
      [self](const own_fault_report& section) { self->state.own = section; },
      [self](const stats_reporter& reporter) {
        self->state.reporters.push_back({reporter.actor.address(), {}});
      },
      [self](get_stats_atom) {
        const stats_actor me{self};
        const handler_meter meter{self, actor_kind::stats, me};
        return self->state.settled_snapshot();
      },
  };
}

} // namespace xprober
