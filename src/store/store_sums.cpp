#include "xprober/store/store_sums.hpp"

namespace xprober {

void store_sums::add_row(const place& where, const series_row& fresh) {
  const auto kind = fresh.latest.kind;
  kinds_.acquire(kind);
  aggregates_.add_state(where, kinds_[kind], kind, fresh.memory.state);
}

void store_sums::remove_row(const place& where, const series_row& gone) {
  const auto kind = gone.latest.kind;
  aggregates_.change_usual(where, kinds_[kind], kind, gone.memory.usual_ms, 0);
  aggregates_.remove_state(where, kinds_[kind], kind, gone.memory.state);
  kinds_.release(kind);
}

void store_sums::add_values(const place& where, const series_row& row) {
  aggregates_.add(where, kinds_[row.latest.kind], row.latest);
  values_ += row.latest.size();
}

void store_sums::remove_values(const place& where, const series_row& row) {
  aggregates_.remove(where, kinds_[row.latest.kind], row.latest);
  values_ -= row.latest.size();
}

void store_sums::replace_values(const place& where, const probe_values& before,
                                const series_row& row) {
  const auto& after = row.latest;
  if (before.kind == after.kind) {
    aggregates_.replace(where, kinds_[before.kind], before, after);
  } else {
    aggregates_.remove(where, kinds_[before.kind], before);
    move_kind(where, before.kind, row);
    aggregates_.add(where, kinds_[after.kind], after);
  }
  values_ = values_ - before.size() + after.size();
}

void store_sums::change_kind(const place& where, kind_number before, const series_row& row) {
  if (before != row.latest.kind) {
    move_kind(where, before, row);
  }
}

void store_sums::move_kind(const place& where, kind_number before, const series_row& row) {
  const auto after = row.latest.kind;
  const auto& memory = row.memory;
  aggregates_.change_usual(where, kinds_[before], before, memory.usual_ms, 0);
  aggregates_.remove_state(where, kinds_[before], before, memory.state);
  aggregates_.add_state(where, kinds_[after], after, memory.state);
  aggregates_.change_usual(where, kinds_[after], after, 0, memory.usual_ms);
  kinds_.acquire(after);
  kinds_.release(before);
}

} // namespace xprober
