#include "xprober/store/batch_probes.hpp"

#include <algorithm>

#include "xprober/domain/kind_series.hpp"

namespace xprober {

namespace {

constexpr std::string_view bad_row = "a row of a batch cannot be read";
constexpr std::string_view too_many_kinds = "the store has too many kinds of probes";

/// `described` is the row's kind as its batch has it, `kind` what the store has made of it.
void read_probe(const batch_row& row, const probe_kind& described, const stored_kind& kind,
                kind_number number, stored_probe& probe) {
  probe.state = row.state;
  probe.values = cells_of(kind, number, row.state, row.values, row.unix_ms / 1000);
  if (row.state == probe_state::own_fault) {
    probe.values.kind = number;
    probe.values.unix_seconds = to_stamp(row.unix_ms / 1000);
  }
  probe.failure = {};
  if (row.state != probe_state::ok) {
    probe.failure.reason = row.error;
    probe.failure.detail = row.detail;
    if (const auto open = first_open_phase(described, row.values)) {
      probe.failure.phase = described.columns[*open].key;
    }
  }
}

} // namespace

batch_kinds::~batch_kinds() {
  for (const auto& [kind, number] : held_) {
    if (number != no_kind) {
      kinds_.release(number);
    }
  }
}

kind_number batch_kinds::number_of(const kind_ptr& kind) {
  const auto known = std::ranges::find(held_, kind.get(), [](const auto& h) { return h.first; });
  if (known != held_.end()) {
    return known->second;
  }
  return held_.emplace_back(kind.get(), kinds_.acquire(kind)).second;
}

batch_probes::batch_probes(std::string_view body, std::uint32_t rows, store_kinds& kinds,
                           store_part part)
    : kinds_(kinds), part_(part), batch_(body, rows), judge_(batch_), held_(kinds) {
  series_.worker_name = batch_.worker_name();
  series_.source_region = batch_.source_region();
}

bool batch_probes::next(stored_probe& probe, ingest_report& report) {
  for (auto step = batch_.next(row_); step != batch_parser::step::end; step = batch_.next(row_)) {
    if (step == batch_parser::step::bad_row) {
      if (part_.is_first()) {
        report.reject(bad_row, 1);
      }
      continue;
    }
    const auto target = batch_.target(row_.target);
    if (!part_.has(target.region, target.address, target.type)) {
      continue;
    }
    if (row_.target != number_) {
      select(row_.target, target);
    }
    if (!why_.empty()) {
      report.reject(why_, count_values(batch_.shape_of(row_.target), row_.state, row_.values));
      continue;
    }
    read_probe(row_, *batch_.kind_of(row_.target), kinds_[kind_], kind_, probe);
    return true;
  }
  if (!std::exchange(ended_, true) && batch_.unread() > 0 && part_.is_first()) {
    report.reject(bad_row, batch_.unread());
  }
  return false;
}

/// The rows that follow are of this target.
void batch_probes::select(std::uint32_t number, const batch_target& target) {
  number_ = number;
  series_.target_addr = target.address;
  series_.target_region = target.region;
  series_.probe_type = target.type;
  why_ = judge_.why_not(number);
  if (why_.empty()) {
    kind_ = held_.number_of(batch_.kind_of(number));
    why_ = kind_ == no_kind ? too_many_kinds : why_;
  }
}

} // namespace xprober
