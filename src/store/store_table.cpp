#include "xprober/store/store_table.hpp"

namespace xprober {

namespace {

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
  const auto pair = (std::uint64_t{k.source_region} << 32U) | k.agent;
  return combine_hash(pair, std::uint64_t{k.target});
}

// -- batches --------------------------------------------------------------------------------------

ingest_report store_table::ingest(const std::vector<wire_value>& batch, monotonic_time now) {
  ingest_report report;
  pending_probe probe;
  const auto finish = [&] {
    if (const auto size = probe.values.size(); probe.series != nullptr && size > 0) {
      if (apply(*probe.series, probe.values, now)) {
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

bool store_table::apply(const wire_value& series, const probe_values& probe, monotonic_time now) {
  const auto target =
      targets_.find(texts_, {series.target_region, series.target_addr, series.probe_type});
  if (target != no_slot && targets_.forgotten(target)) {
    targets_.note_straggler(target, now);
    if (watched_ && ended_.size() < most_ended) {
      ended_.push_back({series.source_region, series.worker_name, series.target_region,
                        series.target_addr, series.probe_type, kinds_[probe.kind].kind,
                        after_last(probe)});
    }
    return true;
  }
  const auto source = texts_.find(series.source_region);
  const auto agent = texts_.find(series.worker_name);
  const auto found = target == no_slot || source == no_slot || agent == no_slot
                         ? no_slot
                         : rows_.find({source, agent, target});
  if (found == no_slot) {
    return insert_row(series, target, probe, now);
  }
  auto& r = rows_[found];
  const auto before = r.latest;
  if (too_old(r.renewed, now)) {
    r.latest = probe; // only not swept up yet: whatever comes is news
  } else if (!merge_probe(r.latest, probe, now - r.renewed >= ttl_ / silence_share)) {
    return true;
  }
  change_row(found, before);
  r.renewed = std::chrono::floor<row_time::duration>(now);
  ages_.unlink(rows_, found);
  ages_.link(rows_, found);
  return true;
}

// -- rows -----------------------------------------------------------------------------------------

bool store_table::insert_row(const wire_value& series, slot target, const probe_values& probe,
                             monotonic_time now) {
  if (rows_.size() >= max_rows_) {
    return false;
  }
  if (target == no_slot) {
    target = targets_.add(texts_, {series.target_region, series.target_addr, series.probe_type});
  }
  row fresh;
  fresh.source_region = texts_.acquire(series.source_region);
  fresh.agent = texts_.acquire(series.worker_name);
  fresh.target = target;
  fresh.latest = probe;
  fresh.renewed = std::chrono::floor<row_time::duration>(now);
  targets_.add_row(target);
  kinds_.acquire(probe.kind);
  series_ += probe.size();
  aggregates_.add(place_of(fresh), kinds_[probe.kind], probe);
  ages_.link(rows_, rows_.insert(fresh));
  return true;
}

/// Another probe stands in the row now.
void store_table::change_row(slot s, const probe_values& before) {
  const auto& r = rows_[s];
  if (before.kind == r.latest.kind) {
    aggregates_.replace(place_of(r), kinds_[before.kind], before, r.latest);
  } else {
    aggregates_.remove(place_of(r), kinds_[before.kind], before);
    aggregates_.add(place_of(r), kinds_[r.latest.kind], r.latest);
    kinds_.acquire(r.latest.kind);
    kinds_.release(before.kind);
  }
  series_ = series_ - before.size() + r.latest.size();
}

void store_table::erase_row(slot s) {
  ages_.unlink(rows_, s);
  const row gone = rows_[s];
  note_end(gone);
  aggregates_.remove(place_of(gone), kinds_[gone.latest.kind], gone.latest);
  series_ -= gone.latest.size();
  rows_.erase(s);
  kinds_.release(gone.latest.kind);
  texts_.release(gone.source_region);
  texts_.release(gone.agent);
  targets_.remove_row(texts_, gone.target);
}

void store_table::note_end(const row& gone) {
  if (!watched_ || ended_.size() >= most_ended) {
    return;
  }
  const auto& t = targets_[gone.target];
  ended_.push_back({text(gone.source_region), text(gone.agent), text(t.region), text(t.address),
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
  for (slot s = ages_.newest(); s != no_slot;) {
    const slot next = rows_[s].older;
    if (targets_.forgotten(rows_[s].target)) {
      erase_row(s);
    }
    s = next;
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
