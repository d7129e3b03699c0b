#include "xprober/probes/probe_engine.hpp"

namespace xprober {

std::span<const counter<probe_counters>> probe_counters::described() noexcept {
  using s = probe_counters;
  constexpr auto now = counter_type::now;
  static constexpr counter<s> all[] = {
      {"started", count_of<s, &s::started>, "probes_started_total", "Probes begun."},
      {"finished", count_of<s, &s::finished>, "probes_finished_total", "Probes ended."},
      {"succeeded", count_of<s, &s::succeeded>, "probes_succeeded_total", "Probes that succeeded."},
      {"failed", count_of<s, &s::failed>, "probes_failed_total", "Probes that failed."},
      {"local_errors", count_of<s, &s::local_errors>, "probes_local_errors_total",
       "Probes that ended of the prober's own fault."},
      {"exceptions", count_of<s, &s::exceptions>, "probes_exceptions_total",
       "Internal errors in probes: bugs of the prober, whatever a target sent."},
      {"in_flight", count_of<s, &s::in_flight>, "probes_in_flight", "Probes running now.", now},
      {"queued", count_of<s, &s::queued>, "probes_queued", "Probes waiting for a place.", now},
  };
  return all;
}

} // namespace xprober
