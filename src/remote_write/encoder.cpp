#include "xprober/remote_write/encoder.hpp"

#include <algorithm>
#include <utility>

#include "xprober/domain/kind_table.hpp"
#include "xprober/domain/string_hash.hpp"

namespace xprober {

namespace {

/// Older samples are sent apart from the others: receivers refuse a whole request for one that is
/// too old for them (Prometheus: an hour behind its newest).
constexpr std::int64_t old_ms = 600'000;

/// A sample from further in the future than this gets the time of its arrival, as in history: once
/// a receiver has taken it, everybody else's would be too old.
constexpr std::int64_t bearable_future_ms = 60'000;

} // namespace

remote_write_encoder::remote_write_encoder(remote_write_options options)
    : options_(std::move(options)), label_sets_(options_.labels) {}

void remote_write_encoder::set_labels(target_labels_ptr labels) {
  if (label_sets_.enter(std::move(labels))) {
    sent_.clear();
  }
}

std::string remote_write_encoder::load(record_kind kind, std::string_view bytes,
                                       std::int64_t received_ms, std::uint64_t rows) {
  kind_ = kind;
  received_ms_ = received_ms;
  rows_done_ = rows;
  row_held_ = false;
  judge_.reset();
  batch_.reset();
  read_values_.clear();
  ended_.clear();
  plans_.clear();
  if (kind == record_kind::values) {
    return decode_values(bytes, read_values_);
  }
  if (kind == record_kind::ended) {
    return decode_ended(bytes, ended_);
  }
  batch_header header;
  auto problem = read_batch_header(bytes, header);
  problem = problem.empty() ? read_batch_body(bytes, body_) : problem;
  if (!problem.empty()) {
    return problem;
  }
  batch_ = std::make_unique<batch_parser>(body_, header.rows);
  judge_ = std::make_unique<batch_judge>(*batch_);
  for (std::uint64_t i = 0; i < rows; ++i) {
    if (batch_->next(row_) == batch_parser::step::end) {
      break;
    }
  }
  return {};
}

bool remote_write_encoder::fill() {
  switch (kind_) {
  case record_kind::batch: return batch_ == nullptr || fill_rows();
  case record_kind::values: return fill_values();
  case record_kind::ended: return fill_ended();
  }
  return true;
}

void remote_write_encoder::take(std::string& out) {
  values_ = 0;
  late_ = 0;
  sent_.begin_request();
  writer_.take(out);
}

/// Sets the time of the samples that come next; false where the request cannot have them.
bool remote_write_encoder::stamp(std::int64_t unix_ms) {
  const bool usable = unix_ms > 0 && unix_ms <= received_ms_ + bearable_future_ms;
  writer_.set_time(usable ? unix_ms : received_ms_);
  const bool old = received_ms_ - writer_.time() > old_ms;
  if (samples() > 0 && old != holds_old_) {
    return false;
  }
  holds_old_ = old;
  return true;
}

// -- batches --------------------------------------------------------------------------------------

bool remote_write_encoder::fill_rows() {
  for (;;) {
    if (!row_held_) {
      const auto step = batch_->next(row_);
      if (step == batch_parser::step::end) {
        return true;
      }
      if (step == batch_parser::step::bad_row) {
        ++rows_done_;
        continue;
      }
      row_held_ = true;
    }
    const auto target = batch_->target(row_.target);
    const auto count = judge_->why_not(row_.target).empty()
                           ? count_values(batch_->shape_of(row_.target), row_.state, row_.values)
                           : 0U;
    if (count > 0) {
      if (samples() >= options_.max_samples || !stamp(row_.unix_ms)) {
        return false;
      }
      const written_names n{batch_->source_region(), batch_->worker_name(), target.region,
                            target.address, target.type};
      const auto key = combine_hash(
          combine_hash(combine_hash(hash_bytes(n.source_region), hash_bytes(n.agent)),
                       combine_hash(hash_bytes(n.target_region), hash_bytes(n.target))),
          hash_bytes(n.probe_type));
      const auto extra = label_sets_.number_of(n.target_region, n.target, n.probe_type);
      sent_samples::written_with before{extra, row_.values.mask()};
      const bool clean = select(n, extra);
      const auto where =
          clean ? sent_.enter(key, writer_.time(), before) : sent_samples::place::late;
      if (where == sent_samples::place::taken) {
        return false;
      }
      if (where == sent_samples::place::relabelled) {
        select(n, before.extra);
        end_all(*target.kind);
        select(n, extra);
        before.told = 0;
      }
      if (where == sent_samples::place::fresh || where == sent_samples::place::relabelled) {
        add_row(row_, *target.kind, before.told);
      }
      (where == sent_samples::place::late ? late_ : values_) += count;
    }
    row_held_ = false;
    ++rows_done_;
  }
}

const remote_write_encoder::plan& remote_write_encoder::plan_of(const probe_kind& kind) {
  const auto [found, fresh] = plans_.try_emplace(&kind);
  if (fresh) {
    found->second = series_of(kind);
    if (!options_.conventional_names) {
      std::erase_if(found->second, [](const kind_series& series) { return series.conventional; });
    }
  }
  return found->second;
}

void remote_write_encoder::add_row(const batch_row& row, const probe_kind& kind,
                                   std::uint32_t told_before) {
  // A failure takes no more samples than a success this way.
  const bool all_end = row.state != probe_state::ok;
  for (const auto& series : plan_of(kind)) {
    const auto& column = kind.columns[series.column];
    if (column.role == column_role::success) {
      const bool ok = row.state == probe_state::ok;
      add_number(series, kind, ok ? 1 : static_cast<double>(kind.failed));
    } else if (const auto value = row.values.value(kind, series.column)) {
      add_number(series, kind, *value);
    } else if (all_end || ((told_before >> series.column) & 1U) != 0 ||
               column.role == column_role::phase || has_stand_in(kind, series.column, row.values)) {
      writer_.stale(series.name, series.phase);
    }
  }
  if (options_.conventional_names) {
    writer_.sample(probe_duration_metric, static_cast<double>(row.duration_ms) / 1000);
  }
}

/// What a column's value is under one of its names.
void remote_write_encoder::add_number(const kind_series& series, const probe_kind& kind,
                                      double value) {
  const auto role = kind.columns[series.column].role;
  if (role == column_role::success) {
    writer_.sample(series.name, series.conventional ? (value > 0 ? 1 : 0) : value, series.phase);
    return;
  }
  const bool measure =
      role == column_role::duration || role == column_role::loss || role == column_role::phase;
  if (measure && value < 0) { // not measured
    writer_.stale(series.name, series.phase);
  } else {
    writer_.sample(series.name, value / series.scale, series.phase);
  }
}

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
    if (samples() >= options_.max_samples || !stamp(usable ? v.unix_seconds * 1000 : 0)) {
      return false;
    }
    const written_names n{v.source_region, v.worker_name, v.target_region, v.target_addr,
                          v.probe_type};
    const auto key =
        combine_hash(combine_hash(combine_hash(hash_bytes(n.source_region), hash_bytes(n.agent)),
                                  combine_hash(hash_bytes(n.target_region), hash_bytes(n.target))),
                     combine_hash(hash_bytes(n.probe_type), hash_bytes(v.metric_name)));
    const auto extra = label_sets_.number_of(n.target_region, n.target, n.probe_type);
    sent_samples::written_with before{extra, 0};
    const auto where =
        select(n, extra) ? sent_.enter(key, writer_.time(), before) : sent_samples::place::late;
    if (where == sent_samples::place::taken) {
      return false;
    }
    if (where == sent_samples::place::relabelled) {
      select(n, before.extra);
      writer_.set_ending(true);
      add_value(v.metric_name, v.value);
      writer_.set_ending(false);
      select(n, extra);
    }
    if (where == sent_samples::place::fresh || where == sent_samples::place::relabelled) {
      add_value(v.metric_name, v.value);
    }
    ++(where == sent_samples::place::late ? late_ : values_);
  }
  return true;
}

// -- series that have ended -----------------------------------------------------------------------

bool remote_write_encoder::fill_ended() {
  for (; rows_done_ < ended_.size(); ++rows_done_) {
    const auto& s = ended_[rows_done_];
    if (samples() >= options_.max_samples || !stamp(s.unix_ms)) {
      return false;
    }
    const written_names n{s.source_region, s.agent, s.target_region, s.target, s.probe_type};
    const auto pair = combine_hash(combine_hash(hash_bytes(n.source_region), hash_bytes(n.agent)),
                                   combine_hash(hash_bytes(n.target_region), hash_bytes(n.target)));
    const auto key = combine_hash(pair, hash_bytes(n.probe_type));
    const auto end = sent_.end(key, writer_.time());
    if (end.taken) {
      return false;
    }
    writer_.set_time(end.unix_ms);
    const auto extra = end.extra
                           ? *end.extra
                           : label_sets_.number_of(n.target_region, n.target, n.probe_type, true);
    if (select(n, extra)) {
      end_all(*s.kind);
    }
  }
  return true;
}

void remote_write_encoder::end_all(const probe_kind& kind) {
  for (const auto& series : plan_of(kind)) {
    writer_.stale(series.name, series.phase);
  }
  if (options_.conventional_names) {
    writer_.stale(probe_duration_metric);
  }
}

} // namespace xprober
