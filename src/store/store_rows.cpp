#include <algorithm>
#include <optional>
#include <utility>

#include "xprober/store/store_table.hpp"

// What a row remembers of its series, and who is told of it.

namespace xprober {

namespace {

/// What the probe is about: the duration, or all phases together.
std::optional<float> time_of(const stored_kind& kind, const probe_values& values) {
  float sum = 0;
  bool any = false;
  for (const auto cell : kind.mean_cells) {
    const auto role = kind.column(cell).role;
    const auto ms = values.get(cell);
    if (role == column_role::duration) {
      return ms && *ms >= 0 ? ms : std::nullopt;
    }
    if (role == column_role::phase && ms && *ms >= 0) {
      sum += *ms;
      any = true;
    }
  }
  return any ? std::optional{sum} : std::nullopt;
}

float loss_of(const stored_kind& kind, const probe_values& values) {
  for (const auto cell : kind.mean_cells) {
    if (kind.column(cell).role == column_role::loss) {
      return std::max(values.get(cell).value_or(0), 0.0F);
    }
  }
  return 0;
}

recent_results::entry entry_of(const series_result& result, const series_memory& memory,
                               bool failed) {
  recent_results::entry out;
  out.unix_seconds = result.unix_seconds;
  out.time_ms = failed ? out.time_ms : result.time_ms.value_or(out.time_ms);
  out.loss_percent = result.loss_percent;
  out.failure = failed ? memory.failure : no_slot;
  out.state = memory.state;
  return out;
}

} // namespace

template <class Change>
void store_table::change_memory(slot s, Change&& change) {
  auto& r = rows_[s];
  const auto before = r.memory.sight();
  const auto usual_ms = r.memory.usual_ms;
  change(r.memory);
  const auto after = r.memory.sight();
  aggregates_.change_usual(place_of(r), kinds_[r.latest.kind], r.latest.kind, usual_ms,
                           r.memory.usual_ms);
  if (before.state != after.state) {
    by_state_.set(s, after.state);
    aggregates_.change_state(place_of(r), kinds_[r.latest.kind], r.latest.kind, before.state,
                             after.state);
  }
  if (before != after) {
    feed_.note(s, before);
  }
}

void store_table::note_result(slot s, const stored_probe& probe) {
  const auto& r = rows_[s];
  if (const auto known = restored_.find(s); known != restored_.end()) {
    const auto stamp = probe.values.unix_seconds;
    if (stamp != 0 && stamp <= known->second) {
      return;
    }
    restored_.erase(known);
  }
  series_result result;
  result.state = probe.state;
  result.unix_seconds = probe.values.unix_seconds;
  if (probe.state != probe_state::own_fault) {
    const auto success = r.latest.get(0);
    if (!success) {
      return; // times alone do not say whether it succeeded
    }
    const auto& kind = kinds_[r.latest.kind];
    result.state = *success > 0 ? probe_state::ok : probe_state::failed;
    result.time_ms = time_of(kind, r.latest);
    result.loss_percent = loss_of(kind, r.latest);
  }
  change_memory(s, [&](series_memory& memory) {
    const auto before = memory.state;
    memory.note(result);
    if (result.state != probe_state::ok) {
      set_failure(memory, probe.failure);
      runs_.note(failures_, s, memory.state, memory.failure, result.unix_seconds,
                 before != memory.state);
    }
    const bool failed = result.state != probe_state::ok;
    recent_.note(failures_, s, entry_of(result, memory, failed));
  });
}

std::vector<past_result> store_table::results(const view& of) const {
  const auto& memory = *of.memory;
  const auto& latest = *of.latest;
  const bool failed = memory.state == series_state::failing;
  if (latest.unix_seconds != 0 && latest.get(0) &&
      (failed || memory.state == series_state::ok || memory.state == series_state::degraded)) {
    const auto& kind = kinds_[latest.kind];
    series_result result;
    result.unix_seconds = latest.unix_seconds;
    result.time_ms = time_of(kind, latest);
    result.loss_percent = loss_of(kind, latest);
    const auto last = entry_of(result, memory, failed);
    recent_.ask(failures_, of.row, &last);
  } else {
    recent_.ask(failures_, of.row, nullptr);
  }
  return recent_.of(failures_, of.row);
}

void store_table::set_failure(series_memory& memory, const store_failures::texts& texts) {
  if (memory.failure != no_slot) {
    const auto held = failures_[memory.failure];
    const bool same = held.reason == texts.reason && held.phase == texts.phase;
    if (same && (texts.detail.empty() || held.detail == texts.detail)) {
      return;
    }
  }
  const auto fresh = failures_.acquire(texts);
  release_failure(std::exchange(memory.failure, fresh));
}

/// The values of a row are too old.
void store_table::end_values(slot s, monotonic_time now) {
  leave_values(s);
  if (rows_[s].memory.state == series_state::prober_fault) {
    // Its agent has said since that it cannot probe: that is heard from now on.
    chain_row(s, row_chain::waiting, now);
    return;
  }
  ages_.unlink(rows_, s);
  enter_silence(s);
}

/// Nothing more is heard of a row that waits.
void store_table::silence_row(slot s) {
  waiting_.unlink(rows_, s);
  enter_silence(s);
}

/// To the stale ones, with the time at which something new arrived last.
void store_table::enter_silence(slot s) {
  auto& r = rows_[s];
  r.memory.chain = static_cast<std::uint8_t>(row_chain::stale);
  stale_.link(rows_, s);
  change_memory(s, [&](series_memory& memory) {
    memory.note_silence(std::max(rows_[s].latest.unix_seconds, memory.failed_unix));
  });
}

series_status store_table::status(const view& of) const {
  const auto& memory = *of.memory;
  series_status status;
  status.state = memory.state;
  status.streak = memory.streak;
  status.since_unix = memory.since_unix;
  status.failed_unix = memory.failed_unix;
  status.usual_ms = memory.usual_ms;
  if (memory.failure != no_slot) {
    const auto texts = failures_[memory.failure];
    status.reason = texts.reason;
    status.phase = texts.phase;
    status.detail = texts.detail;
  }
  return status;
}

void store_table::restore(const wire_value& series, const kind_ptr& kind,
                          const series_status& status, float deviation_ms, std::uint32_t last_unix,
                          monotonic_time now) {
  if (!ours(series.target_region, series.target_addr, series.probe_type)) {
    return;
  }
  const auto target =
      targets_.find(texts_, {series.target_region, series.target_addr, series.probe_type});
  const auto agent = agents_.find(texts_, series.source_region, series.worker_name);
  if (target != no_slot && agent != no_slot && rows_.find({agent, target}) != no_slot) {
    return;
  }
  const auto number = kinds_.acquire(kind);
  if (number == no_kind) {
    return;
  }
  const auto s = add_row(series, target, number, now);
  kinds_.release(number);
  if (s == no_slot) {
    return;
  }
  chain_row(s, status.state == series_state::stale ? row_chain::stale : row_chain::waiting, now);
  restored_[s] = last_unix;
  rows_[s].latest.unix_seconds = last_unix;
  change_memory(s, [&](series_memory& memory) {
    memory.restore(status.state, status.streak);
    memory.since_unix = status.since_unix;
    memory.failed_unix = status.failed_unix;
    memory.usual_ms = status.usual_ms;
    memory.deviation_ms = deviation_ms;
    if (!status.reason.empty() || !status.detail.empty()) {
      set_failure(memory, {status.reason, status.phase, status.detail});
    }
  });
}

// -- who watches ----------------------------------------------------------------------------------

series_changes store_table::take_states(std::size_t limit) {
  series_changes out;
  out.part = part_.number;
  feed_.take_gone(limit, out.series);
  // By the store's numbers: places in `out.failures`.
  std::unordered_map<slot, std::uint32_t> failures;
  feed_.take(limit - out.series.size(), rows_.bound(),
             [&](slot s, const series_sight& before) { tell_row(s, before, out, failures); });
  out.more = feed_.listing();
  return out;
}

void store_table::tell_row(slot s, const series_sight& before, series_changes& out,
                           std::unordered_map<slot, std::uint32_t>& failures) {
  const auto& r = rows_[s];
  const auto sight = r.memory.sight();
  if (sight == before) {
    return; // nobody has the number, or it is again what it was
  }
  if (feed_.names_agent(r.agent)) {
    const auto& a = agents_[r.agent];
    out.agents.push_back({r.agent, text(a.region), text(a.address)});
  }
  if (feed_.names_target(r.target)) {
    const auto& t = targets_[r.target];
    const auto& kind = *kinds_[r.latest.kind].kind;
    out.targets.push_back({r.target,
                           {text(t.region), text(t.address), prober_name{text(t.prober)}},
                           kind.name,
                           kind.grouped_by == result_group::pair,
                           kind.mesh});
  }
  series_change what;
  what.agent = r.agent;
  what.target = r.target;
  what.before = before;
  what.after = sight;
  what.since_unix = r.memory.since_unix;
  what.last_unix = std::max(r.latest.unix_seconds, r.memory.failed_unix);
  // What is lossy or slow has not failed: the last failure is another story.
  if (sight.state == series_state::failing && r.memory.failure != no_slot) {
    const auto [known, fresh] =
        failures.try_emplace(r.memory.failure, static_cast<std::uint32_t>(out.failures.size()));
    if (fresh) {
      const auto texts = failures_[r.memory.failure];
      out.failures.push_back(
          {std::string{texts.reason}, std::string{texts.phase}, std::string{texts.detail}});
    }
    what.failure = known->second;
  }
  out.series.push_back(what);
}

} // namespace xprober
