#include <algorithm>
#include <utility>

#include "xprober/domain/kind_series.hpp"
#include "xprober/domain/wire/batch_parser.hpp"
#include "xprober/domain/wire/series_check.hpp"
#include "xprober/store/store_table.hpp"

// How a batch enters the table: rows straight to their places, without values in the old form.

namespace xprober {

namespace {

constexpr std::string_view bad_row = "a row of a batch cannot be read";
constexpr std::string_view too_many_kinds = "the store has too many kinds of probes";

/// The kinds of one batch: those that its rows use are held as long as it is read, so that their
/// numbers mean the same all the time.
class batch_kinds {
public:
  explicit batch_kinds(store_kinds& kinds) : kinds_(kinds) {}
  ~batch_kinds() {
    for (const auto& [kind, number] : held_) {
      if (number != no_kind) {
        kinds_.release(number);
      }
    }
  }
  batch_kinds(const batch_kinds&) = delete;
  batch_kinds& operator=(const batch_kinds&) = delete;

  /// `no_kind` where the store has too many.
  kind_number number_of(const kind_ptr& kind) {
    const auto known = std::ranges::find(held_, kind.get(), [](const auto& h) { return h.first; });
    if (known != held_.end()) {
      return known->second;
    }
    return held_.emplace_back(kind.get(), kinds_.acquire(kind)).second;
  }

private:
  store_kinds& kinds_;
  std::vector<std::pair<const probe_kind*, kind_number>> held_;
};

/// The target whose rows are being read, as `apply` takes it.
class batch_series {
public:
  batch_series(const batch_parser& batch, store_kinds& kinds)
      : batch_(batch), judge_(batch), kinds_(kinds) {
    series_.worker_name = batch.worker_name();
    series_.source_region = batch.source_region();
  }

  /// Why the target's rows cannot be stored; empty if they can.
  std::string_view select(std::uint32_t number, const batch_target& target) {
    if (number == number_) {
      return why_;
    }
    number_ = number;
    series_.target_addr = target.address;
    series_.target_region = target.region;
    series_.probe_type = target.type;
    why_ = judge_.why_not(number);
    if (why_.empty()) {
      kind_ = kinds_.number_of(batch_.kind_of(number));
      why_ = kind_ == no_kind ? too_many_kinds : why_;
    }
    return why_;
  }

  const wire_value& series() const { return series_; }
  kind_number kind() const { return kind_; }

private:
  const batch_parser& batch_;
  batch_judge judge_;
  batch_kinds kinds_;
  wire_value series_;
  kind_number kind_ = no_kind;
  std::uint32_t number_ = ~std::uint32_t{0};
  std::string_view why_;
};

} // namespace

stored_probe store_table::make_probe(kind_number number, const batch_row& read,
                                     const probe_kind& kind) const {
  stored_probe probe;
  probe.state = read.state;
  probe.values = cells_of(kinds_[number], number, read.state, read.values, read.unix_ms / 1000);
  if (read.state == probe_state::own_fault) {
    probe.values.kind = number;
    probe.values.unix_seconds = to_stamp(read.unix_ms / 1000);
  }
  if (read.state != probe_state::ok) {
    probe.failure.reason = read.error;
    probe.failure.detail = read.detail;
    if (const auto open = first_open_phase(kind, read.values)) {
      probe.failure.phase = kind.columns[*open].key;
    }
  }
  return probe;
}

ingest_report store_table::ingest(std::string_view body, std::uint32_t rows, monotonic_time now) {
  ingest_report report;
  batch_parser batch{body, rows};
  batch_series series{batch, kinds_};
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
    if (const auto why = series.select(probe.target, target); !why.empty()) {
      report.reject(why, count_values(batch.shape_of(probe.target), probe.state, probe.values));
      continue;
    }
    const auto stored = make_probe(series.kind(), probe, *batch.kind_of(probe.target));
    const auto count = std::uint64_t{stored.values.size()};
    if (apply(series.series(), stored, now)) {
      report.accepted += count;
    } else {
      report.reject(ingest_report::full, count);
    }
  }
  if (batch.unread() > 0 && part_.number == 0) {
    report.reject(bad_row, batch.unread());
  }
  return report;
}

} // namespace xprober
