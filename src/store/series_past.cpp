#include "xprober/store/series_past.hpp"

#include <algorithm>
#include <optional>
#include <utility>

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

void series_past::note(slot row, series_memory& memory, const probe_values& latest,
                       const stored_kind& kind, const stored_probe& probe) {
  const auto stamp = probe.values.unix_seconds;
  if (const auto known = restored_.find(row); known != restored_.end()) {
    if (stamp != 0 && stamp <= known->second) {
      return;
    }
    restored_.erase(known);
  }
  series_result result;
  result.state = probe.state;
  result.unix_seconds = stamp;
  if (probe.state != probe_state::own_fault) {
    const auto success = latest.get(0);
    if (!success) {
      return;
    }
    result.state = *success > 0 ? probe_state::ok : probe_state::failed;
    result.time_ms = time_of(kind, latest);
    result.loss_percent = loss_of(kind, latest);
  }
  const auto before = memory.state;
  const bool failed = result.state != probe_state::ok;
  memory.note(result);
  if (failed) {
    set_failure(memory, probe.failure);
    runs_.note(failures_, row, memory.state, memory.failure, stamp, before != memory.state);
  }
  recent_.note(failures_, row, entry_of(result, memory, failed));
}

void series_past::restore(slot row, series_memory& memory, const series_status& status,
                          float deviation_ms, std::uint32_t last_unix) {
  restored_[row] = last_unix;
  memory.restore(status.state, status.streak);
  memory.since_unix = status.since_unix;
  memory.failed_unix = status.failed_unix;
  memory.usual_ms = status.usual_ms;
  memory.deviation_ms = deviation_ms;
  if (!status.reason.empty() || !status.detail.empty()) {
    set_failure(memory, {status.reason, status.phase, status.detail});
  }
}

void series_past::erase(slot row, const series_memory& memory) {
  restored_.erase(row);
  runs_.erase(failures_, row);
  recent_.erase(failures_, row);
  if (memory.failure != no_slot) {
    failures_.release(memory.failure);
  }
}

series_status series_past::status(const series_memory& memory) const {
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

std::vector<past_result> series_past::results(slot row, const series_memory& memory,
                                              const probe_values& latest,
                                              const stored_kind& kind) const {
  const bool failed = memory.state == series_state::failing;
  if (latest.unix_seconds != 0 && latest.get(0) &&
      (failed || memory.state == series_state::ok || memory.state == series_state::degraded)) {
    series_result result;
    result.unix_seconds = latest.unix_seconds;
    result.time_ms = time_of(kind, latest);
    result.loss_percent = loss_of(kind, latest);
    const auto last = entry_of(result, memory, failed);
    recent_.ask(failures_, row, &last);
  } else {
    recent_.ask(failures_, row, nullptr);
  }
  return recent_.of(failures_, row);
}

void series_past::set_failure(series_memory& memory, const store_failures::texts& texts) {
  if (memory.failure != no_slot) {
    const auto held = failures_[memory.failure];
    const bool same = held.reason == texts.reason && held.phase == texts.phase;
    if (same && (texts.detail.empty() || held.detail == texts.detail)) {
      return;
    }
  }
  const auto fresh = failures_.acquire(texts);
  const auto before = std::exchange(memory.failure, fresh);
  if (before != no_slot) {
    failures_.release(before);
  }
}

} // namespace xprober
