#include "xprober/domain/wire/batch_parser.hpp"
#include "xprober/store/store_table.hpp"

// How a batch enters the table: rows straight to their places, without values in the seed's form.

namespace xprober {

namespace {

constexpr std::string_view table_full = "the store is full";
constexpr std::string_view bad_row = "a row of a batch cannot be read";
constexpr std::string_view wrong_form = "the rows of a target do not have the form of its type";

probe_values values_of(const batch_row& row, row_form form) {
  probe_values out;
  if (row.verdict == row_verdict::none) {
    return out;
  }
  out.unix_seconds = row.unix_ms / 1000;
  out.type = form == row_form::http ? probe_type::http : probe_type::icmp;
  if (form == row_form::http) {
    out.set(metric_index::success, row.success ? 1 : 0);
    for (std::size_t i = 0; i < http_phase_count; ++i) {
      if (const auto& ms = row.http.phases_ms[i]) {
        out.set(metric_index::first_http_phase + i, *ms);
      }
    }
    return out;
  }
  const bool answered = row.verdict == row_verdict::answered;
  out.set(metric_index::success, answered ? 1 : -1);
  if (row.verdict != row_verdict::not_sent) {
    out.set(metric_index::ping_drop_rate,
            answered ? static_cast<float>(row.icmp.loss_percent()) : 100);
    out.set(metric_index::ping_latency, answered ? row.icmp.rtt.mean : -1);
  }
  return out;
}

/// The names of the target whose rows are being read, as `apply` takes them.
class series_names {
public:
  explicit series_names(const batch_parser& batch) : batch_(batch) {
    series_.worker_name = batch.worker_name();
    series_.source_region = batch.source_region();
  }

  /// Why the target's rows cannot be stored; empty if they can.
  std::string_view select(std::uint32_t number) {
    if (number == number_) {
      return why_;
    }
    number_ = number;
    const auto target = batch_.target(number);
    series_.target_addr = target.address;
    series_.target_region = target.region;
    series_.probe_type = target.type;
    why_ = check_series(series_);
    // Of a module the form alone tells what it is built on.
    const auto builtin = parse_probe_type(target.type);
    if (why_.empty() && builtin &&
        (*builtin == probe_type::icmp) != (target.form == row_form::icmp)) {
      why_ = wrong_form;
    }
    return why_;
  }

  const wire_value& series() const { return series_; }

private:
  const batch_parser& batch_;
  wire_value series_;
  std::uint32_t number_ = ~std::uint32_t{0};
  std::string_view why_;
};

} // namespace

ingest_report store_table::ingest(std::string_view body, std::uint32_t rows, monotonic_time now) {
  ingest_report report;
  batch_parser batch{body, rows};
  series_names names{batch};
  batch_row probe;
  for (auto step = batch.next(probe); step != batch_parser::step::end; step = batch.next(probe)) {
    if (step == batch_parser::step::bad_row) {
      if (part_.number == 0) {
        report.reject(bad_row, 1);
      }
      continue;
    }
    const auto target = batch.target(probe.target);
    if (!ours(target.region, target.address, target.type)) {
      continue;
    }
    const auto values = values_of(probe, target.form);
    const auto size = values.size();
    if (size == 0) {
      continue;
    }
    if (const auto why = names.select(probe.target); !why.empty()) {
      report.reject(why, size);
    } else if (apply(names.series(), values, now)) {
      report.accepted += size;
    } else {
      report.reject(table_full, size);
    }
  }
  if (batch.unread() > 0 && part_.number == 0) {
    report.reject(bad_row, batch.unread());
  }
  return report;
}

} // namespace xprober
