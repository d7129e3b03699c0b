#include "xprober/store/store_values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "xprober/domain/kind_series.hpp"
#include "xprober/domain/kind_table.hpp"

namespace xprober {

namespace {

/// Go agents stamp the values of one icmp probe within moments, which can lie in two seconds.
constexpr std::uint32_t stamp_tolerance = 1;

/// How long a Go agent can take to resolve a name, with room to spare.
constexpr std::uint32_t resolve_tolerance = 60;

bool within(std::uint32_t a, std::uint32_t b, std::uint32_t limit) noexcept {
  return std::max(a, b) - std::min(a, b) <= limit;
}

/// True if a metric that both have differs.
bool contradicts(const probe_values& a, const probe_values& b) noexcept {
  for (std::size_t i = 0; i < max_cells; ++i) {
    // Compared as bits: 0 and -0 are the same to nobody.
    if (a.has(i) && b.has(i) && a.cells[i] != b.cells[i]) {
      return true;
    }
  }
  return false;
}

void add_all(probe_values& to, const probe_values& from) noexcept {
  for (std::size_t i = 0; i < max_cells; ++i) {
    if (from.has(i)) {
      to.set_bits(i, from.cells[i]);
    }
  }
}

/// Values without a success that come by themselves and fit to the held ones.
bool completes(const probe_values& held, const probe_values& got) noexcept {
  return !got.has(0) && (held.present & got.present) == 0 &&
         within(held.unix_seconds, got.unix_seconds, stamp_tolerance);
}

} // namespace

std::optional<metric_place> find_metric(std::string_view name) noexcept {
  const auto found = find_old_metric(name);
  if (!found) {
    return std::nullopt;
  }
  const auto cell = cell_of(*found->kind, found->column);
  if (!cell) {
    return std::nullopt;
  }
  return metric_place{found->kind, found->column, *cell,
                      static_cast<kind_number>(found->kind - builtin_kinds().data())};
}

std::uint32_t to_stamp(std::int64_t unix_seconds) noexcept {
  return unix_seconds > 0 && unix_seconds <= std::numeric_limits<std::uint32_t>::max()
             ? static_cast<std::uint32_t>(unix_seconds)
             : 0;
}

probe_values cells_of(const stored_kind& stored, kind_number number, probe_state state,
                      const column_values& values, std::int64_t unix_seconds) noexcept {
  probe_values out;
  if (state == probe_state::own_fault) {
    return out;
  }
  const auto& kind = *stored.kind;
  out.unix_seconds = to_stamp(unix_seconds);
  out.kind = number;
  out.set(0, state == probe_state::ok ? 1.0F : kind.failed);
  for (std::size_t cell = 1; cell < stored.columns.size(); ++cell) {
    const auto column = stored.columns[cell];
    if (values.has(column)) {
      out.set_bits(cell, values.bits(column));
    } else if (has_stand_in(kind, column, values)) {
      out.set_bits(cell, column_bits(kind.columns[column].form, *kind.columns[column].old_missing));
    }
  }
  return out;
}

column_values columns_of(const probe_kind& kind, const probe_values& values) noexcept {
  column_values out;
  std::size_t cell = 0;
  for (std::size_t i = 0; i < kind.columns.size(); ++i) {
    if (!kind.columns[i].kept) {
      continue;
    }
    if (i > 0 && values.has(cell)) {
      out.set_bits(i, values.cells[cell]);
    }
    ++cell;
  }
  return out;
}

std::string_view check_number(const wire_value& value) noexcept {
  const auto metric = find_metric(value.metric_name);
  if (!metric) {
    return "metricName is not known";
  }
  // What a module is built on, its metrics tell.
  if (const auto* kind = find_kind(value.probe_type); kind != nullptr && kind != metric->kind) {
    return "metricName is not of this probeType";
  }
  if (!std::isfinite(value.value)) {
    return "value is not a finite number";
  }
  return {};
}

bool same_series(const wire_value& a, const wire_value& b) noexcept {
  // What differs most often first.
  return a.target_addr == b.target_addr && a.probe_type == b.probe_type &&
         a.target_region == b.target_region && a.worker_name == b.worker_name &&
         a.source_region == b.source_region;
}

bool add_to_probe(probe_values& probe, const metric_place& metric, std::int64_t unix_seconds,
                  float value) noexcept {
  if (probe.has(metric.cell) || (probe.present != 0 && probe.kind != metric.number)) {
    return false;
  }
  const auto stamp = to_stamp(unix_seconds);
  const auto tolerance = metric.is_success() ? resolve_tolerance : stamp_tolerance;
  if (probe.present != 0 && !within(probe.unix_seconds, stamp, tolerance)) {
    return false;
  }
  if (probe.present == 0 || metric.is_success()) {
    probe.unix_seconds = stamp;
  }
  probe.kind = metric.number;
  probe.set_bits(metric.cell, column_bits(metric.kind->columns[metric.column].form, value));
  return true;
}

bool merge_probe(probe_values& held, const probe_values& got, bool silent) noexcept {
  if (held.kind != got.kind) {
    // The agent's module was built on another kind meanwhile, or the kind has other columns now:
    // nothing fits together.
    const bool newer = got.unix_seconds == 0 || got.unix_seconds >= held.unix_seconds || silent;
    held = newer ? got : held;
    return newer;
  }
  if (got.unix_seconds == 0) {
    // No stamp: the order of arrival is all there is, and each arrival is news.
    if (got.has(0)) {
      held = got;
    } else {
      add_all(held, got);
      held.unix_seconds = 0;
    }
    return true;
  }
  if (got.unix_seconds == held.unix_seconds) {
    if (contradicts(held, got)) {
      held = got; // two probes in one second
      return true;
    }
    const auto before = held.present;
    add_all(held, got);
    return held.present != before;
  }
  if (completes(held, got)) {
    add_all(held, got);
    return true;
  }
  if (got.unix_seconds > held.unix_seconds || silent) {
    held = got;
    return true;
  }
  return false;
}

} // namespace xprober
