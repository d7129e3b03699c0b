#include "xprober/remote_write/encoder.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include <protozero/pbf_writer.hpp>

#include "request_fields.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/string_hash.hpp"

namespace xprober {

namespace {

constexpr std::string_view name_label = "__name__";
constexpr std::string_view phase_label = "phase";

/// Series whose last time is remembered: 56 bytes each. Above it all are forgotten, and a late
/// sample may make a receiver refuse a request.
constexpr std::size_t most_remembered = 8'000'000;

/// Older samples are sent apart from the others: receivers refuse a whole request for one that is
/// too old for them (Prometheus: an hour behind its newest).
constexpr std::int64_t old_ms = 600'000;

/// A sample from further in the future than this gets the time of its arrival, as in history: once
/// a receiver has taken it, everybody else's would be too old.
constexpr std::int64_t bearable_future_ms = 60'000;

/// `out` is what a time series is being written to.
void append_label(std::string& out, std::string_view name, std::string_view value) {
  protozero::pbf_writer series{out};
  protozero::pbf_writer label{series, request_fields::series_label};
  label.add_string(request_fields::label_name, name.data(), name.size());
  label.add_string(request_fields::label_value, value.data(), value.size());
}

} // namespace

remote_write_encoder::remote_write_encoder(remote_write_options options)
    : options_(std::move(options)), label_sets_(options_.labels) {}

void remote_write_encoder::set_labels(target_labels_ptr labels) {
  if (label_sets_.enter(std::move(labels))) {
    last_.clear();
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
  samples_ = 0;
  values_ = 0;
  late_ = 0;
  ++request_number_;
  if (last_.size() > most_remembered) {
    last_.clear();
  }
  out.swap(request_);
  request_.clear();
}

/// Sets the time of the samples that come next; false where the request cannot have them.
bool remote_write_encoder::stamp(std::int64_t unix_ms) {
  const bool usable = unix_ms > 0 && unix_ms <= received_ms_ + bearable_future_ms;
  unix_ms_ = usable ? unix_ms : received_ms_;
  const bool old = received_ms_ - unix_ms_ > old_ms;
  if (samples_ > 0 && old != holds_old_) {
    return false;
  }
  holds_old_ = old;
  return true;
}

/// A sample of a series; where it is going to be written, `with` becomes what the series was
/// written with before.
remote_write_encoder::place remote_write_encoder::place_of(std::uint64_t key, std::int64_t unix_ms,
                                                           sent_with& with) {
  const auto [found, fresh] = last_.try_emplace(key, last_sample{unix_ms, request_number_, with});
  auto& last = found->second;
  if (fresh) {
    with.told = 0;
    return place::fresh;
  }
  if (unix_ms <= last.unix_ms) {
    return unix_ms == last.unix_ms ? place::repeated : place::late;
  }
  if (last.request == request_number_) {
    return place::taken;
  }
  last.unix_ms = unix_ms;
  last.request = request_number_;
  std::swap(last.with, with);
  return last.with.extra == with.extra ? place::fresh : place::relabelled;
}

/// Encodes the labels that all series of a target share; false when they are no clean text.
bool remote_write_encoder::select(const names& n, std::uint32_t extra) {
  const auto& extra_labels = label_sets_.at(extra);
  before_name_.clear();
  for (const auto& [name, value] : extra_labels.before_name) {
    append_label(before_name_, name, value);
  }
  const auto& others = extra_labels.behind_name;
  middle_.clear();
  after_.clear();
  const std::array<std::pair<std::string_view, std::string_view>, 5> own{
      {{"agent", n.agent},
       {"probe_type", n.probe_type},
       {"source_region", n.source_region},
       {"target", n.target},
       {"target_region", n.target_region}}};
  auto next = others.begin();
  const auto put = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) {
      append_label(name < phase_label ? middle_ : after_, name, value);
    }
  };
  for (const auto& [name, value] : own) {
    if (!is_clean_text(value)) {
      return false;
    }
    for (; next != others.end() && next->first < name; ++next) {
      put(next->first, next->second);
    }
    put(name, value);
  }
  for (; next != others.end(); ++next) {
    put(next->first, next->second);
  }
  return true;
}

void remote_write_encoder::sample(std::string_view metric, double value, std::string_view phase) {
  protozero::pbf_writer request{request_};
  {
    protozero::pbf_writer series{request, request_fields::series};
    // Labels stand in the order of their names.
    request_ += before_name_;
    append_label(request_, name_label, metric);
    request_ += middle_;
    if (!phase.empty()) {
      append_label(request_, phase_label, phase);
    }
    request_ += after_;
    protozero::pbf_writer one{series, request_fields::series_sample};
    one.add_double(request_fields::sample_value,
                   ending_ ? std::bit_cast<double>(stale_marker_bits) : value);
    one.add_int64(request_fields::sample_timestamp, unix_ms_);
  }
  ++samples_;
}

void remote_write_encoder::stale(std::string_view metric, std::string_view phase) {
  sample(metric, std::bit_cast<double>(stale_marker_bits), phase);
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
      if (samples_ >= options_.max_samples || !stamp(row_.unix_ms)) {
        return false;
      }
      const names n{batch_->source_region(), batch_->worker_name(), target.region, target.address,
                    target.type};
      const auto key = combine_hash(
          combine_hash(combine_hash(hash_bytes(n.source_region), hash_bytes(n.agent)),
                       combine_hash(hash_bytes(n.target_region), hash_bytes(n.target))),
          hash_bytes(n.probe_type));
      const auto extra = label_sets_.number_of(n.target_region, n.target, n.probe_type);
      sent_with before{extra, row_.values.mask()};
      const bool clean = select(n, extra);
      const auto where = clean ? place_of(key, unix_ms_, before) : place::late;
      if (where == place::taken) {
        return false;
      }
      if (where == place::relabelled) {
        select(n, before.extra);
        end_all(*target.kind);
        select(n, extra);
        before.told = 0;
      }
      if (where == place::fresh || where == place::relabelled) {
        add_row(row_, *target.kind, before.told);
      }
      (where == place::late ? late_ : values_) += count;
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
      stale(series.name, series.phase);
    }
  }
  if (options_.conventional_names) {
    sample(probe_duration_metric, static_cast<double>(row.duration_ms) / 1000);
  }
}

/// What a column's value is under one of its names.
void remote_write_encoder::add_number(const kind_series& series, const probe_kind& kind,
                                      double value) {
  const auto role = kind.columns[series.column].role;
  if (role == column_role::success) {
    sample(series.name, series.conventional ? (value > 0 ? 1 : 0) : value, series.phase);
    return;
  }
  const bool measure =
      role == column_role::duration || role == column_role::loss || role == column_role::phase;
  if (measure && value < 0) { // not measured
    stale(series.name, series.phase);
  } else {
    sample(series.name, value / series.scale, series.phase);
  }
}

} // namespace xprober
