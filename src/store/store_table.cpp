#include "xprober/store/store_table.hpp"

#include <algorithm>

#include "xprober/store/batch_probes.hpp"
#include "xprober/store/change_teller.hpp"
#include "xprober/store/value_probes.hpp"

namespace xprober {

namespace {

/// True if `after` is `before` with values that it lacked.
bool is_completed(const probe_values& before, const probe_values& after) noexcept {
  return before.unix_seconds != 0 && before.unix_seconds == after.unix_seconds &&
         before.kind == after.kind && before.present != after.present &&
         (before.present & after.present) == before.present;
}

/// An agent that has sent nothing new for this share of the time to live has set its clock back.
constexpr int silence_share = 4;

} // namespace

// -- batches --------------------------------------------------------------------------------------

ingest_report store_table::ingest(const std::vector<wire_value>& batch, monotonic_time now) {
  value_probes probes{batch, part_};
  return take(probes, now);
}

ingest_report store_table::ingest(std::string_view body, std::uint32_t rows, monotonic_time now) {
  batch_probes probes{body, rows, sums_.kinds(), part_};
  return take(probes, now);
}

template <class Probes>
ingest_report store_table::take(Probes& probes, monotonic_time now) {
  ingest_report report;
  stored_probe probe;
  while (probes.next(probe, report)) {
    const auto size = std::uint64_t{probe.values.size()};
    if (apply(probes.series(), probe, now)) {
      report.accepted += size;
    } else {
      report.reject(ingest_report::full, size);
    }
  }
  return report;
}

bool store_table::apply(const wire_value& series, const stored_probe& probe, monotonic_time now) {
  const auto target = names_.find_target(series);
  const bool measured = probe.state != probe_state::own_fault;
  if (target != no_slot && names_.targets.forgotten(target)) {
    names_.targets.note_straggler(target, now);
    if (measured) {
      ends_.note(series, probe.values, kinds()[probe.values.kind].kind);
    }
    return true;
  }
  const auto agent = names_.find_agent(series);
  const auto found = target == no_slot || agent == no_slot ? no_slot : rows_.find(agent, target);
  if (found == no_slot) {
    return insert_row(series, target, probe, now);
  }
  if (measured) {
    apply_measured(found, probe, now);
  } else {
    apply_fault(found, probe, now);
  }
  return true;
}

void store_table::apply_measured(slot s, const stored_probe& probe, monotonic_time now) {
  auto& r = rows_[s];
  const auto before = r.latest;
  if (r.chain() != row_chain::fresh) {
    r.latest = probe.values;
    sums_.change_kind(place_of(r), before.kind, r);
    begin_values(s, now);
    note_result(s, probe);
    return;
  }
  bool completed = false;
  if (r.is_silent_for(ttl_, now)) {
    r.latest = probe.values; // only not swept up yet: whatever comes is news
  } else {
    if (!merge_probe(r.latest, probe.values, now - r.renewed >= ttl_ / silence_share)) {
      return;
    }
    completed = is_completed(before, r.latest);
  }
  sums_.replace_values(place_of(r), before, r);
  rows_.renew(s, row_chain::fresh, now);
  if (!completed || !before.has(0)) {
    note_result(s, probe);
  }
}

void store_table::apply_fault(slot s, const stored_probe& probe, monotonic_time now) {
  auto& r = rows_[s];
  const auto stamp = probe.values.unix_seconds;
  const bool again = r.memory.state == series_state::prober_fault && stamp <= r.memory.failed_unix;
  const bool older = r.latest.present != 0 && stamp < r.latest.unix_seconds;
  if (stamp != 0 && (again || older)) {
    return;
  }
  if (r.chain() != row_chain::fresh) {
    rows_.renew(s, row_chain::waiting, now);
  }
  note_result(s, probe);
}

// -- rows -----------------------------------------------------------------------------------------

bool store_table::insert_row(const wire_value& series, slot target, const stored_probe& probe,
                             monotonic_time now) {
  const auto s = add_row(series, target, probe.values.kind, now);
  if (s == no_slot) {
    return false;
  }
  if (probe.state == probe_state::own_fault) {
    rows_.renew(s, row_chain::waiting, now);
  } else {
    rows_[s].latest = probe.values;
    begin_values(s, now);
  }
  note_result(s, probe);
  return true;
}

/// A row without values, in the chain of the stale ones. `no_slot` where there is no room.
slot store_table::add_row(const wire_value& series, slot target, kind_number kind,
                          monotonic_time now) {
  if (rows_.size() >= max_rows_) {
    if (rows_.oldest(row_chain::stale) == no_slot) {
      return no_slot;
    }
    erase_row(rows_.oldest(row_chain::stale));
    target = names_.find_target(series);
  }
  const auto owners = names_.add_row(series, target);
  const auto s = rows_.add(owners.agent, owners.target, kind, now);
  sums_.add_row(place_of(rows_[s]), rows_[s]);
  never_.note_row(names_, rows_[s]);
  return s;
}

/// What stands in the row counts from now on.
void store_table::begin_values(slot s, monotonic_time now) {
  sums_.add_values(place_of(rows_[s]), rows_[s]);
  rows_.renew(s, row_chain::fresh, now);
}

void store_table::leave_values(slot s) {
  const auto& r = rows_[s];
  ends_.note(names_, r, kinds()[r.latest.kind].kind);
  sums_.remove_values(place_of(r), r);
}

/// The values of a row are too old.
void store_table::end_values(slot s, monotonic_time now) {
  leave_values(s);
  if (rows_[s].memory.state == series_state::prober_fault) {
    // Its agent has said since that it cannot probe: that is heard from now on.
    rows_.renew(s, row_chain::waiting, now);
  } else {
    silence_row(s);
  }
}

/// Nothing more is heard of a row.
void store_table::silence_row(slot s) {
  rows_.silence(s);
  if (rows_[s].memory.state == series_state::stale) {
    return; // since before a restart
  }
  change_memory(s, [&](series_memory& memory) {
    memory.note_silence(std::max(rows_[s].latest.unix_seconds, memory.failed_unix));
  });
}

void store_table::note_result(slot s, const stored_probe& probe) {
  const auto& r = rows_[s];
  change_memory(s, [&](series_memory& memory) {
    past_.note(s, memory, r.latest, kinds()[r.latest.kind], probe);
  });
}

/// Whoever has to know is told of what `change(series_memory&)` does.
template <class Change>
void store_table::change_memory(slot s, Change&& change) {
  auto& r = rows_[s];
  const auto before = r.memory.sight();
  const auto usual_ms = r.memory.usual_ms;
  change(r.memory);
  const auto after = r.memory.sight();
  sums_.change_memory(place_of(r), before.state, usual_ms, r);
  if (before.state != after.state) {
    rows_.note_state(s);
  }
  if (before != after) {
    feed_.note(s, before);
  }
}

void store_table::erase_row(slot s) {
  if (rows_[s].chain() == row_chain::fresh) {
    leave_values(s);
  }
  const series_row gone = rows_[s];
  feed_.note_gone(s, gone.agent, gone.target, gone.memory.sight());
  rows_.erase(s);
  past_.erase(s, gone.memory);
  sums_.remove_row(place_of(gone), gone);
  never_.note_gone(rows_, names_, gone);
  names_.remove_row({gone.agent, gone.target});
  if (!names_.agents.has_rows(gone.agent)) {
    feed_.forget_agent(gone.agent);
  }
  if (!names_.targets.has_rows(gone.target)) {
    feed_.forget_target(gone.target);
  }
}

template <class Wanted>
void store_table::erase_rows(Wanted&& wanted) {
  rows_.for_each([&](slot s) {
    if (wanted(rows_[s])) {
      erase_row(s);
    }
  });
}

bool store_table::expire(monotonic_time now, std::size_t limit) {
  names_.targets.expire(names_.texts, now, ttl_);
  const auto next = [&](row_chain of, nanoseconds span) {
    const auto s = rows_.oldest(of);
    return s != no_slot && rows_[s].is_silent_for(span, now) ? s : no_slot;
  };
  for (slot s = next(row_chain::fresh, ttl_); s != no_slot; s = next(row_chain::fresh, ttl_)) {
    if (limit-- == 0) {
      return true;
    }
    const bool kept = keep_ > nanoseconds{0} || rows_[s].memory.state == series_state::prober_fault;
    if (!kept || !prospects_.has(names_, rows_[s])) {
      erase_row(s);
    } else {
      end_values(s, now);
    }
  }
  for (slot s = next(row_chain::waiting, ttl_); s != no_slot; s = next(row_chain::waiting, ttl_)) {
    if (limit-- == 0) {
      return true;
    }
    if (prospects_.has(names_, rows_[s])) {
      silence_row(s);
    } else {
      erase_row(s);
    }
  }
  const auto kept = ttl_ + keep_;
  for (slot s = next(row_chain::stale, kept); s != no_slot; s = next(row_chain::stale, kept)) {
    if (limit-- == 0) {
      return true;
    }
    erase_row(s);
  }
  return false;
}

void store_table::restore(const wire_value& series, const kind_ptr& kind,
                          const series_status& status, float deviation_ms, std::uint32_t last_unix,
                          monotonic_time now) {
  if (!part_.has(series.target_region, series.target_addr, series.probe_type)) {
    return;
  }
  const auto target = names_.find_target(series);
  const auto agent = names_.find_agent(series);
  if (target != no_slot && agent != no_slot && rows_.find(agent, target) != no_slot) {
    return;
  }
  const auto number = sums_.kinds().acquire(kind);
  if (number == no_kind) {
    return;
  }
  const auto s = add_row(series, target, number, now);
  sums_.kinds().release(number);
  if (s == no_slot) {
    return;
  }
  rows_.renew(s, row_chain::waiting, now);
  rows_[s].latest.unix_seconds = last_unix;
  change_memory(
      s, [&](series_memory& memory) { past_.restore(s, memory, status, deviation_ms, last_unix); });
}

series_changes store_table::take_states(std::size_t limit) {
  auto changes = change_teller{rows_, names_, kinds(), past_.texts()}.take(feed_, limit);
  changes.part = part_.number;
  return changes;
}

// -- targets --------------------------------------------------------------------------------------

void store_table::forget(const std::vector<target_uid>& targets, monotonic_time now) {
  bool any_rows = false;
  for (const auto& uid : targets) {
    if (!part_.has(uid.region, uid.address, uid.type.text())) {
      continue;
    }
    const store_targets::name name{uid.region, uid.address, uid.type.text()};
    auto s = names_.targets.find(names_.texts, name);
    if (s == no_slot) {
      s = names_.targets.add(names_.texts, name);
    }
    any_rows = any_rows || names_.targets.has_rows(s);
    names_.targets.forget(s, now);
  }
  if (!any_rows) {
    return;
  }
  erase_rows([this](const series_row& r) { return names_.targets.forgotten(r.target); });
}

void store_table::forget_agents(const std::vector<agent_identity>& agents) {
  std::vector<slot> gone;
  for (const auto& agent : agents) {
    prospects_.leave(agent.region, agent.local_ip);
    const auto s = names_.agents.find(names_.texts, agent.region, agent.local_ip);
    if (s != no_slot) {
      gone.push_back(s);
    }
  }
  if (!gone.empty()) {
    std::ranges::sort(gone);
    // A number that is free again names nobody: no row is added meanwhile.
    erase_rows([&gone](const series_row& r) { return std::ranges::binary_search(gone, r.agent); });
  }
}

void store_table::welcome_agents(const std::vector<agent_identity>& agents) {
  for (const auto& agent : agents) {
    prospects_.welcome(agent.region, agent.local_ip);
  }
}

void store_table::welcome(const std::vector<target_uid>& targets) {
  for (const auto& uid : targets) {
    const auto s = names_.targets.find(names_.texts, {uid.region, uid.address, uid.type.text()});
    if (s != no_slot) {
      names_.targets.welcome(s);
    }
  }
}

} // namespace xprober
