#include "xprober/store/series_ends.hpp"

#include <cstdint>

#include "xprober/domain/clock.hpp"

namespace xprober {

namespace {

/// A time in milliseconds that is not before any value of a probe: stamps are cut to seconds, and
/// without one the time of arrival counts.
std::int64_t after_last(const probe_values& probe) {
  const auto stamp = probe.unix_seconds > 0 ? std::int64_t{probe.unix_seconds}
                                            : to_unix_seconds(wall_clock::now());
  return (stamp + 1) * 1000;
}

} // namespace

void series_ends::watch(bool on) {
  watched_ = on;
  if (!on) {
    ended_.clear();
  }
}

void series_ends::note(const store_names& names, const series_row& gone, const kind_ptr& kind) {
  if (!has_room()) {
    return;
  }
  const auto& a = names.agents[gone.agent];
  const auto& t = names.targets[gone.target];
  ended_.push_back({names.texts[a.region], names.texts[a.address], names.texts[t.region],
                    names.texts[t.address], names.texts[t.prober], kind, after_last(gone.latest)});
}

void series_ends::note(const wire_value& series, const probe_values& last, const kind_ptr& kind) {
  if (has_room()) {
    ended_.push_back({series.source_region, series.worker_name, series.target_region,
                      series.target_addr, series.probe_type, kind, after_last(last)});
  }
}

} // namespace xprober
