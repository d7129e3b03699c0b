#include "xprober/store/store_table.hpp"

#include <algorithm>

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

/// A time in milliseconds that is not before any value of a probe: stamps are cut to seconds, and
/// without one the time of arrival counts.
std::int64_t after_last(const probe_values& probe) {
  const auto stamp = probe.unix_seconds > 0 ? std::int64_t{probe.unix_seconds}
                                            : to_unix_seconds(wall_clock::now());
  return (stamp + 1) * 1000;
}

/// Collects neighbouring values of one probe.
struct pending_probe {
  const wire_value* series = nullptr; ///< one of its values; null: none yet
  bool ours = false;                  ///< the series belongs in this part
  bool good = false;                  ///< the series can be stored
  std::string_view reason;            ///< why it cannot
  probe_values values;
};

} // namespace

std::uint64_t store_table::row_traits::hash(const key& k) {
  return combine_hash(std::uint64_t{k.agent}, std::uint64_t{k.target});
}

// -- batches --------------------------------------------------------------------------------------

ingest_report store_table::ingest(const std::vector<wire_value>& batch, monotonic_time now) {
  ingest_report report;
  pending_probe probe;
  const auto finish = [&] {
    if (const auto size = probe.values.size(); probe.series != nullptr && size > 0) {
      const bool failed = probe.values.get(0).value_or(1) <= 0;
      if (apply(*probe.series, {probe.values, failed ? probe_state::failed : probe_state::ok, {}},
                now)) {
        report.accepted += size;
      } else {
        report.reject(ingest_report::full, size);
      }
      probe.values = {};
    }
  };
  for (const auto& value : batch) {
    if (probe.series == nullptr || !same_series(*probe.series, value)) {
      finish();
      const auto why = check_series(value);
      const bool mine = ours(value.target_region, value.target_addr, value.probe_type);
      probe = {&value, mine, why.empty(), why, {}};
    }
    if (!probe.ours) {
      continue;
    }
    const auto why = probe.good ? check_number(value) : probe.reason;
    if (!why.empty()) {
      report.reject(why, 1);
      continue;
    }
    const auto metric = *find_metric(value.metric_name);
    if (!add_to_probe(probe.values, metric, value.unix_seconds, value.value)) {
      finish();
      add_to_probe(probe.values, metric, value.unix_seconds, value.value);
    }
  }
  finish();
  return report;
}

bool store_table::ours(std::string_view region, std::string_view address,
                       std::string_view prober) const {
  return part_.of == 1 ||
         combine_hash(combine_hash(hash_bytes(address), region), prober) % part_.of == part_.number;
}

bool store_table::apply(const wire_value& series, const stored_probe& probe, monotonic_time now) {
  const auto target =
      targets_.find(texts_, {series.target_region, series.target_addr, series.probe_type});
  const bool measured = probe.state != probe_state::own_fault;
  if (target != no_slot && targets_.forgotten(target)) {
    targets_.note_straggler(target, now);
    if (measured && watched_ && ended_.size() < most_ended) {
      ended_.push_back({series.source_region, series.worker_name, series.target_region,
                        series.target_addr, series.probe_type, kinds_[probe.values.kind].kind,
                        after_last(probe.values)});
    }
    return true;
  }
  const auto agent = agents_.find(texts_, series.source_region, series.worker_name);
  const auto found = target == no_slot || agent == no_slot ? no_slot : rows_.find({agent, target});
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
  if (chain_of(r) != row_chain::fresh) {
    change_values(s, probe.values);
    enter_values(s);
    chain_row(s, row_chain::fresh, now);
    note_result(s, probe);
    return;
  }
  bool completed = false;
  if (too_old(r.renewed, now)) {
    r.latest = probe.values; // only not swept up yet: whatever comes is news
  } else {
    if (!merge_probe(r.latest, probe.values, now - r.renewed >= ttl_ / silence_share)) {
      return;
    }
    completed = is_completed(before, r.latest);
  }
  change_row(s, before);
  chain_row(s, row_chain::fresh, now);
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
  if (chain_of(r) != row_chain::fresh) {
    chain_row(s, row_chain::waiting, now);
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
    chain_row(s, row_chain::waiting, now);
  } else {
    rows_[s].latest = probe.values;
    enter_values(s);
    chain_row(s, row_chain::fresh, now);
  }
  note_result(s, probe);
  return true;
}

/// A row without values, in the chain of the stale ones. `no_slot` where there is no room.
slot store_table::add_row(const wire_value& series, slot target, kind_number kind,
                          monotonic_time now) {
  if (rows_.size() >= max_rows_) {
    if (stale_.oldest() == no_slot) {
      return no_slot;
    }
    erase_row(stale_.oldest());
    target = targets_.find(texts_, {series.target_region, series.target_addr, series.probe_type});
  }
  if (target == no_slot) {
    target = targets_.add(texts_, {series.target_region, series.target_addr, series.probe_type});
  }
  auto agent = agents_.find(texts_, series.source_region, series.worker_name);
  if (agent == no_slot) {
    agent = agents_.add(texts_, series.source_region, series.worker_name);
  }
  row fresh;
  fresh.agent = agent;
  fresh.target = target;
  fresh.latest.kind = kind;
  fresh.renewed = std::chrono::floor<row_time::duration>(now);
  fresh.memory.chain = static_cast<std::uint8_t>(row_chain::stale);
  targets_.add_row(target);
  agents_.add_row(agent);
  kinds_.acquire(kind);
  aggregates_.add_state(place_of(fresh), kinds_[kind], kind, fresh.memory.state);
  const auto s = rows_.insert(fresh);
  by_state_.set(s, fresh.memory.state);
  stale_.link(rows_, s);
  note_reported(fresh);
  return s;
}

/// Another probe stands in the row now, whose values count.
void store_table::change_row(slot s, const probe_values& before) {
  const auto& r = rows_[s];
  if (before.kind == r.latest.kind) {
    aggregates_.replace(place_of(r), kinds_[before.kind], before, r.latest);
  } else {
    aggregates_.remove(place_of(r), kinds_[before.kind], before);
    move_kind(r, before.kind);
    aggregates_.add(place_of(r), kinds_[r.latest.kind], r.latest);
  }
  series_ = series_ - before.size() + r.latest.size();
}

/// Another probe stands in the row now, whose values do not count yet.
void store_table::change_values(slot s, const probe_values& values) {
  auto& r = rows_[s];
  const auto before = r.latest.kind;
  r.latest = values;
  if (before != values.kind) {
    move_kind(r, before);
  }
}

void store_table::move_kind(const row& r, kind_number before) {
  const auto after = r.latest.kind;
  const auto where = place_of(r);
  aggregates_.change_usual(where, kinds_[before], before, r.memory.usual_ms, 0);
  aggregates_.remove_state(where, kinds_[before], before, r.memory.state);
  aggregates_.add_state(where, kinds_[after], after, r.memory.state);
  aggregates_.change_usual(where, kinds_[after], after, 0, r.memory.usual_ms);
  kinds_.acquire(r.latest.kind);
  kinds_.release(before);
}

void store_table::enter_values(slot s) {
  const auto& r = rows_[s];
  aggregates_.add(place_of(r), kinds_[r.latest.kind], r.latest);
  series_ += r.latest.size();
}

void store_table::leave_values(slot s) {
  const auto& r = rows_[s];
  note_end(r);
  aggregates_.remove(place_of(r), kinds_[r.latest.kind], r.latest);
  series_ -= r.latest.size();
}

/// Something new arrived.
void store_table::chain_row(slot s, row_chain to, monotonic_time now) {
  auto& r = rows_[s];
  ages_of(chain_of(r)).unlink(rows_, s);
  r.renewed = std::chrono::floor<row_time::duration>(now);
  r.memory.chain = static_cast<std::uint8_t>(to);
  ages_of(to).link(rows_, s);
}

void store_table::erase_row(slot s) {
  if (chain_of(rows_[s]) == row_chain::fresh) {
    leave_values(s);
  }
  ages_of(chain_of(rows_[s])).unlink(rows_, s);
  const row gone = rows_[s];
  feed_.note_gone(s, gone.agent, gone.target, gone.memory.sight());
  aggregates_.change_usual(place_of(gone), kinds_[gone.latest.kind], gone.latest.kind,
                           gone.memory.usual_ms, 0);
  aggregates_.remove_state(place_of(gone), kinds_[gone.latest.kind], gone.latest.kind,
                           gone.memory.state);
  restored_.erase(s);
  runs_.erase(failures_, s);
  recent_.erase(failures_, s);
  by_state_.clear(s);
  rows_.erase(s);
  note_unreported(gone);
  release_failure(gone.memory.failure);
  kinds_.release(gone.latest.kind);
  agents_.remove_row(texts_, gone.agent);
  targets_.remove_row(texts_, gone.target);
  if (!agents_.has_rows(gone.agent)) {
    feed_.forget_agent(gone.agent);
  }
  if (!targets_.has_rows(gone.target)) {
    feed_.forget_target(gone.target);
  }
}

template <class Wanted>
void store_table::erase_rows(Wanted&& wanted) {
  for (auto* ages : {&ages_, &waiting_, &stale_}) {
    for (slot s = ages->newest(); s != no_slot;) {
      const slot next = rows_[s].older;
      if (wanted(rows_[s])) {
        erase_row(s);
      }
      s = next;
    }
  }
}

void store_table::note_end(const row& gone) {
  if (!watched_ || ended_.size() >= most_ended) {
    return;
  }
  const auto& a = agents_[gone.agent];
  const auto& t = targets_[gone.target];
  ended_.push_back({text(a.region), text(a.address), text(t.region), text(t.address),
                    text(t.prober), kinds_[gone.latest.kind].kind, after_last(gone.latest)});
}

void store_table::watch(bool on) {
  watched_ = on;
  if (!on) {
    ended_.clear();
  }
}

bool store_table::expire(monotonic_time now, std::size_t limit) {
  targets_.expire(texts_, now, ttl_);
  for (slot s = ages_.oldest(); s != no_slot && too_old(rows_[s].renewed, now);
       s = ages_.oldest()) {
    if (limit-- == 0) {
      return true;
    }
    if (keep_ == nanoseconds{0} && rows_[s].memory.state != series_state::prober_fault) {
      erase_row(s);
    } else {
      end_values(s, now);
    }
  }
  for (slot s = waiting_.oldest(); s != no_slot && too_old(rows_[s].renewed, now);
       s = waiting_.oldest()) {
    if (limit-- == 0) {
      return true;
    }
    silence_row(s);
  }
  for (slot s = stale_.oldest(); s != no_slot && now - rows_[s].renewed >= ttl_ + keep_;
       s = stale_.oldest()) {
    if (limit-- == 0) {
      return true;
    }
    erase_row(s);
  }
  return false;
}

// -- targets --------------------------------------------------------------------------------------

void store_table::forget(const std::vector<target_uid>& targets, monotonic_time now) {
  bool any_rows = false;
  for (const auto& uid : targets) {
    if (!ours(uid.region, uid.address, uid.type.text())) {
      continue;
    }
    const store_targets::name name{uid.region, uid.address, uid.type.text()};
    auto s = targets_.find(texts_, name);
    if (s == no_slot) {
      s = targets_.add(texts_, name);
    }
    any_rows = any_rows || targets_.has_rows(s);
    targets_.forget(s, now);
  }
  if (!any_rows) {
    return;
  }
  erase_rows([this](const row& r) { return targets_.forgotten(r.target); });
}

void store_table::forget_agents(const std::vector<agent_identity>& agents) {
  std::vector<slot> gone;
  for (const auto& agent : agents) {
    if (const auto s = agents_.find(texts_, agent.region, agent.local_ip); s != no_slot) {
      gone.push_back(s);
    }
  }
  if (!gone.empty()) {
    std::ranges::sort(gone);
    // A number that is free again names nobody: no row is added meanwhile.
    erase_rows([&gone](const row& r) { return std::ranges::binary_search(gone, r.agent); });
  }
}

void store_table::welcome(const std::vector<target_uid>& targets) {
  for (const auto& uid : targets) {
    const auto s = targets_.find(texts_, {uid.region, uid.address, uid.type.text()});
    if (s != no_slot) {
      targets_.welcome(s);
    }
  }
}

} // namespace xprober
