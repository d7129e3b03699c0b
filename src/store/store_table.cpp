#include "xprober/store/store_table.hpp"

namespace xprober {

namespace {

constexpr std::string_view table_full = "the store is full";

/// An agent that has sent nothing new for this share of the time to live has set its clock back.
constexpr int silence_share = 4;

row_form form_of(const probe_values& probe) {
  return probe.type == probe_type::http ? row_form::http : row_form::icmp;
}

/// Stamps above this (the year 36812) are none.
constexpr std::int64_t last_second = std::int64_t{1} << 40;

/// A time in milliseconds that is not before any value of a probe: stamps are cut to seconds, and
/// without one the time of arrival counts.
std::int64_t after_last(const probe_values& probe) {
  const bool stamped = probe.unix_seconds > 0 && probe.unix_seconds < last_second;
  return ((stamped ? probe.unix_seconds : to_unix_seconds(wall_clock::now())) + 1) * 1000;
}

/// Collects neighbouring values of one probe.
struct pending_probe {
  const wire_value* series = nullptr; ///< one of its values; null: none yet
  bool ours = false;                  ///< the series belongs into this part
  bool good = false;                  ///< the series can be stored
  std::string_view reason;            ///< why it cannot
  probe_values values;
};

} // namespace

std::uint64_t store_table::target_traits::hash(const key& k) {
  const auto pair = (std::uint64_t{k.region} << 32U) | k.address;
  return combine_hash(pair, std::uint64_t{k.prober});
}

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
        report.reject(table_full, size);
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
  const auto target = find_target(series.target_region, series.target_addr, series.probe_type);
  if (target != no_slot && targets_[target].forgotten) {
    targets_[target].last_straggler = now;
    if (watched_ && ended_.size() < most_ended) {
      ended_.push_back({series.source_region, series.worker_name, series.target_region,
                        series.target_addr, series.probe_type, form_of(probe), after_last(probe)});
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
  aggregates_.replace(place_of(r), before, r.latest);
  series_ = series_ - before.size() + r.latest.size();
  r.renewed = now;
  unlink(found);
  link(found);
  return true;
}

// -- rows -----------------------------------------------------------------------------------------

bool store_table::insert_row(const wire_value& series, slot target, const probe_values& probe,
                             monotonic_time now) {
  if (rows_.size() >= max_rows_) {
    return false;
  }
  if (target == no_slot) {
    target = add_target(series.target_region, series.target_addr, series.probe_type);
  }
  row fresh;
  fresh.source_region = acquire_text(series.source_region);
  fresh.agent = acquire_text(series.worker_name);
  fresh.target = target;
  fresh.latest = probe;
  fresh.renewed = now;
  ++targets_[target].rows;
  series_ += probe.size();
  aggregates_.add(place_of(fresh), fresh.latest);
  link(rows_.insert(fresh));
  return true;
}

void store_table::erase_row(slot s) {
  unlink(s);
  const row gone = rows_[s];
  note_end(gone);
  aggregates_.remove(place_of(gone), gone.latest);
  series_ -= gone.latest.size();
  rows_.erase(s);
  release_text(gone.source_region);
  release_text(gone.agent);
  --targets_[gone.target].rows;
  release_target(gone.target);
}

void store_table::note_end(const row& gone) {
  if (!watched_ || ended_.size() >= most_ended) {
    return;
  }
  const auto& t = targets_[gone.target];
  ended_.push_back({text(gone.source_region), text(gone.agent), text(t.region), text(t.address),
                    text(t.prober), form_of(gone.latest), after_last(gone.latest)});
}

void store_table::watch(bool on) {
  watched_ = on;
  if (!on) {
    ended_.clear();
  }
}

/// Puts a row in its place by age: mostly it is the newest. What is replayed after newer rows comes
/// in its own order, so that each stands close behind the last such one.
void store_table::link(slot s) {
  auto& r = rows_[s];
  const auto follows = [&](slot other) {
    if (other == no_slot || rows_[other].renewed - r.renewed > order_slack) {
      return false;
    }
    r.renewed = std::max(r.renewed, rows_[other].renewed);
    return true;
  };
  slot older = newest_;
  if (newest_ != no_slot && !follows(newest_)) {
    older = follows(late_) ? late_ : no_slot;
    for (slot next = older == no_slot ? oldest_ : rows_[older].newer;
         next != no_slot && rows_[next].renewed <= r.renewed; next = rows_[next].newer) {
      older = next;
    }
    late_ = s;
  }
  r.older = older;
  r.newer = older == no_slot ? oldest_ : rows_[older].newer;
  (r.newer == no_slot ? newest_ : rows_[r.newer].older) = s;
  (r.older == no_slot ? oldest_ : rows_[r.older].newer) = s;
}

void store_table::unlink(slot s) {
  const auto& r = rows_[s];
  if (late_ == s) {
    late_ = r.older;
  }
  (r.newer == no_slot ? newest_ : rows_[r.newer].older) = r.older;
  (r.older == no_slot ? oldest_ : rows_[r.older].newer) = r.newer;
}

bool store_table::expire(monotonic_time now, std::size_t limit) {
  expire_forgotten(now);
  while (oldest_ != no_slot && too_old(rows_[oldest_].renewed, now)) {
    if (limit-- == 0) {
      return true;
    }
    erase_row(oldest_);
  }
  return false;
}

// -- targets --------------------------------------------------------------------------------------

slot store_table::find_target(std::string_view region, std::string_view address,
                              std::string_view prober) const {
  const auto region_text = texts_.find(region);
  const auto address_text = texts_.find(address);
  const auto prober_text = texts_.find(prober);
  return region_text == no_slot || address_text == no_slot || prober_text == no_slot
             ? no_slot
             : targets_.find({region_text, address_text, prober_text});
}

slot store_table::add_target(std::string_view region, std::string_view address,
                             std::string_view prober) {
  stored_uid fresh;
  fresh.region = acquire_text(region);
  fresh.address = acquire_text(address);
  fresh.prober = acquire_text(prober);
  return targets_.insert(fresh);
}

void store_table::release_target(slot s) {
  const auto gone = targets_[s];
  if (gone.rows > 0 || gone.listed) {
    return;
  }
  targets_.erase(s);
  release_text(gone.region);
  release_text(gone.address);
  release_text(gone.prober);
}

void store_table::forget(const std::vector<target_uid>& targets, monotonic_time now) {
  bool any_rows = false;
  for (const auto& uid : targets) {
    if (!ours(uid.region, uid.address, uid.type.text())) {
      continue;
    }
    auto s = find_target(uid.region, uid.address, uid.type.text());
    if (s == no_slot) {
      s = add_target(uid.region, uid.address, uid.type.text());
    }
    auto& t = targets_[s];
    any_rows = any_rows || t.rows > 0;
    t.last_straggler = now;
    t.forgotten = true;
    if (!t.listed) {
      t.listed = true;
      forgotten_.push_back(s);
    }
  }
  if (!any_rows) {
    return;
  }
  for (slot s = newest_; s != no_slot;) {
    const slot next = rows_[s].older;
    if (targets_[rows_[s].target].forgotten) {
      erase_row(s);
    }
    s = next;
  }
}

void store_table::welcome(const std::vector<target_uid>& targets) {
  for (const auto& uid : targets) {
    const auto s = find_target(uid.region, uid.address, uid.type.text());
    if (s != no_slot) {
      targets_[s].forgotten = false;
    }
  }
}

void store_table::expire_forgotten(monotonic_time now) {
  std::size_t kept = 0;
  for (const slot s : forgotten_) {
    auto& t = targets_[s];
    if (t.forgotten && !too_old(t.last_straggler, now)) {
      forgotten_[kept++] = s;
      continue;
    }
    t.forgotten = t.listed = false;
    release_target(s);
  }
  forgotten_.resize(kept);
}

// -- texts ----------------------------------------------------------------------------------------

slot store_table::acquire_text(std::string_view text) {
  auto s = texts_.find(text);
  if (s == no_slot) {
    s = texts_.insert({std::string{text}, 0});
  }
  ++texts_[s].uses;
  return s;
}

void store_table::release_text(slot s) {
  if (--texts_[s].uses == 0) {
    texts_.erase(s);
  }
}

} // namespace xprober
