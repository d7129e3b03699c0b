#include <algorithm>
#include <optional>

#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/string_hash.hpp"
#include "xprober/remote_write/encoder.hpp"

// The records beside batches: values in the old form, and series that have ended.

namespace xprober {

// -- values in the old form -----------------------------------------------------------------------

/// A value under its old name and, where there is one, under the conventional one.
void remote_write_encoder::add_value(std::string_view metric, float value) {
  const auto found = find_old_metric(metric);
  if (!found) {
    return; // the journal keeps none
  }
  for (const auto& series : plan_of(*found->kind)) {
    if (series.column == found->column) {
      add_number(series, *found->kind, static_cast<double>(value));
    }
  }
}

bool remote_write_encoder::fill_values() {
  for (; rows_done_ < read_values_.size(); ++rows_done_) {
    const auto& v = read_values_[rows_done_];
    const bool usable = v.unix_seconds > 0 && v.unix_seconds < std::int64_t{1} << 40;
    if (samples_ >= options_.max_samples || !stamp(usable ? v.unix_seconds * 1000 : 0)) {
      return false;
    }
    const names n{v.source_region, v.worker_name, v.target_region, v.target_addr, v.probe_type};
    const auto key =
        combine_hash(combine_hash(combine_hash(hash_bytes(n.source_region), hash_bytes(n.agent)),
                                  combine_hash(hash_bytes(n.target_region), hash_bytes(n.target))),
                     combine_hash(hash_bytes(n.probe_type), hash_bytes(v.metric_name)));
    const auto extra = label_sets_.number_of(n.target_region, n.target, n.probe_type);
    sent_with before{extra, 0};
    const auto where = select(n, extra) ? place_of(key, unix_ms_, before) : place::late;
    if (where == place::taken) {
      return false;
    }
    if (where == place::relabelled) {
      select(n, before.extra);
      ending_ = true;
      add_value(v.metric_name, v.value);
      ending_ = false;
      select(n, extra);
    }
    if (where == place::fresh || where == place::relabelled) {
      add_value(v.metric_name, v.value);
    }
    ++(where == place::late ? late_ : values_);
  }
  return true;
}

// -- series that have ended -----------------------------------------------------------------------

bool remote_write_encoder::fill_ended() {
  for (; rows_done_ < ended_.size(); ++rows_done_) {
    const auto& s = ended_[rows_done_];
    if (samples_ >= options_.max_samples || !stamp(s.unix_ms)) {
      return false;
    }
    const names n{s.source_region, s.agent, s.target_region, s.target, s.probe_type};
    const auto pair = combine_hash(combine_hash(hash_bytes(n.source_region), hash_bytes(n.agent)),
                                   combine_hash(hash_bytes(n.target_region), hash_bytes(n.target)));
    const auto key = combine_hash(pair, hash_bytes(n.probe_type));
    auto extra = std::optional<std::uint32_t>{};
    if (const auto found = last_.find(key); found != last_.end()) {
      if (found->second.request == request_number_) {
        return false;
      }
      unix_ms_ = std::max(unix_ms_, found->second.unix_ms + 1);
      // Kept, not erased: a straggler must not stand before the marker.
      found->second.unix_ms = unix_ms_;
      found->second.request = request_number_;
      extra = found->second.with.extra;
      found->second.with.told = 0;
    }
    if (!extra) {
      extra = label_sets_.number_of(n.target_region, n.target, n.probe_type, true);
    }
    if (select(n, *extra)) {
      end_all(*s.kind);
    }
  }
  return true;
}

void remote_write_encoder::end_all(const probe_kind& kind) {
  for (const auto& series : plan_of(kind)) {
    stale(series.name, series.phase);
  }
  if (options_.conventional_names) {
    stale(probe_duration_metric);
  }
}

} // namespace xprober
