#include "xprober/web/target_metrics.hpp"

#include <algorithm>
#include <chrono>

#include "xprober/web/gauge_text.hpp"

namespace xprober::web {

namespace {

/// What every kind of probe has, and then what its presenter says.
void append_outcome(gauge_text& out, const kind_presenter& presenter,
                    const probe_outcome& outcome) {
  const bool own_fault = outcome.state() == probe_state::own_fault;
  if (!own_fault) {
    out.single("probe_success", "Whether the latest probe succeeded.", outcome.success ? 1 : 0);
    out.single("probe_duration_seconds", "How long the latest probe took.",
               std::chrono::duration<double>(outcome.duration).count());
    presenter.target_gauges(outcome, out);
  }
  out.single("xprober_probe_local_error",
             "1 when the latest probe failed of the prober's own fault.", own_fault ? 1 : 0);
}

} // namespace

void append_target_metrics(prometheus_text& out, const agent_identity& agent,
                           const presenter_table& presenters, const target_listing& listing) {
  const auto shown = std::min(listing.lines.size(), max_metric_targets);
  gauge_text rows{out.format()};
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& line = listing.lines[i];
    if (line.last) {
      rows.set_common({{"source_region", agent.region},
                       {"target", line.uid.address},
                       {"target_region", line.uid.region},
                       {"probe_type", to_string(line.uid.type)}});
      append_outcome(rows, presenters.of(line.last->target->kind()), line.last->outcome);
    }
  }
  rows.append_to(out);
  out.single(
      "xprober_metrics_targets_omitted", metric_type::gauge,
      "Targets without rows of their own because there are too many.",
      static_cast<double>(std::max<std::size_t>(listing.lines.size(), listing.total) - shown));
}

} // namespace xprober::web
