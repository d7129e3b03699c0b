#include "xprober/store/value_probes.hpp"

#include "xprober/domain/wire/series_check.hpp"

namespace xprober {

void value_probes::begin(const wire_value& first) {
  series_ = &first;
  ours_ = part_.has(first.target_region, first.target_addr, first.probe_type);
  why_ = check_series(first);
}

bool value_probes::next(stored_probe& probe, ingest_report& report) {
  probe = {};
  auto& values = probe.values;
  for (; !left_.empty(); left_ = left_.subspan(1)) {
    const auto& value = left_.front();
    if (series_ == nullptr || !same_series(*series_, value)) {
      if (values.present != 0) {
        break; // it is of the next probe
      }
      begin(value);
    }
    if (!ours_) {
      continue;
    }
    if (const auto why = why_.empty() ? check_number(value) : why_; !why.empty()) {
      report.reject(why, 1);
      continue;
    }
    if (!add_to_probe(values, *find_metric(value.metric_name), value.unix_seconds, value.value)) {
      break;
    }
  }
  const bool failed = values.get(0).value_or(1) <= 0;
  probe.state = failed ? probe_state::failed : probe_state::ok;
  return values.present != 0;
}

} // namespace xprober
