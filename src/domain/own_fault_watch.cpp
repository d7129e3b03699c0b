#include "xprober/domain/own_fault_watch.hpp"

#include <algorithm>
#include <utility>

#include "xprober/domain/address.hpp"
#include "xprober/domain/clock_skew.hpp"
#include "xprober/domain/kind_table.hpp"

namespace xprober {

namespace {

/// So many moments of a window are remembered.
constexpr int moments_of_window = 12;

bool is_ip6(std::string_view address) {
  const auto parsed = parse_ip(address);
  return parsed && parsed->v6;
}

/// The address that was probed; where none is known yet, the one that the target is.
bool is_of_ip6(const probe_result& result) {
  const auto& probed = result.outcome.address;
  return is_ip6(probed.empty() ? result.target->uid.address : probed);
}

bool is_of_mesh(const probe_result& result) { return &result.target->kind() == &mesh_kind(); }

} // namespace

void result_tally::add(const probe_result& result) {
  const auto& outcome = result.outcome;
  if (outcome.state() != probe_state::own_fault) {
    ++told;
    if (!outcome.address.empty()) {
      told_mesh += is_of_mesh(result) ? 1U : 0U;
      told_ip6 += outcome.address.find(':') != std::string::npos ? 1U : 0U;
    }
    return;
  }
  const bool no_socket = outcome.error == probe_error::local_no_socket;
  overloaded += outcome.error == probe_error::local_overload ? 1U : 0U;
  if (!no_socket && outcome.error != probe_error::local_send) {
    return;
  }
  ++unable;
  unable_detail = outcome.detail;
  if (no_socket && is_of_mesh(result)) {
    ++no_socket_mesh;
    no_socket_detail = outcome.detail;
  }
  if (is_of_ip6(result)) {
    ++unsent_ip6;
    unsent_ip6_detail = outcome.detail;
  }
}

void own_fault_watch::set_probe_interval(nanoseconds period) {
  window_ = std::max<nanoseconds>(3 * period, least_window);
}

own_fault_watch::totals own_fault_watch::totals_of(const own_fault_sample& sample) noexcept {
  const auto& r = sample.results;
  return {r.told,   r.told_mesh,  r.told_ip6,   r.no_socket_mesh,  r.unsent_ip6,
          r.unable, r.overloaded, sample.ticks, sample.late_ticks, sample.skipped_ticks};
}

own_fault_watch::totals own_fault_watch::growth(const totals& from, const totals& to) noexcept {
  return {to.told - from.told,
          to.told_mesh - from.told_mesh,
          to.told_ip6 - from.told_ip6,
          to.no_socket_mesh - from.no_socket_mesh,
          to.unsent_ip6 - from.unsent_ip6,
          to.unable - from.unable,
          to.overloaded - from.overloaded,
          to.ticks - from.ticks,
          to.late - from.late,
          to.skipped - from.skipped};
}

/// Empty where there is none. A few results that were given up are no overload.
std::string own_fault_watch::overload_text(const totals& grown) {
  const auto results = grown.told + grown.unable + grown.overloaded;
  const bool gives_up = grown.overloaded > few_results && grown.overloaded * 100 > results;
  const bool is_late = grown.ticks >= few_ticks && grown.late * 100 > grown.ticks * late_percent;
  if (grown.skipped == 0 && !gives_up && !is_late) {
    return {};
  }
  return "this prober has more to do than it can: of " + std::to_string(grown.ticks) +
         " probes that fell due lately " + std::to_string(grown.late) + " began late, " +
         std::to_string(grown.skipped) + " were left out and " + std::to_string(grown.overloaded) +
         " given up; give it more CPU, fewer targets or a longer probe_interval";
}

void own_fault_watch::look_back(const totals& now_totals, monotonic_time now) {
  while (!moments_.empty() && now - moments_.front().at >= window_) {
    base_ = moments_.front().then;
    moments_.pop_front();
  }
  if (moments_.empty() || now - moments_.back().at >= window_ / moments_of_window) {
    moments_.push_back({now, now_totals});
  }
}

void own_fault_watch::add(const own_fault_sample& sample, monotonic_time now, wall_time wall) {
  const auto now_totals = totals_of(sample);
  look_back(now_totals, now);
  const auto grown = growth(base_, now_totals);
  std::vector<own_fault> found;
  const auto note = [&](std::string_view reason, std::string detail) {
    const auto known = std::ranges::find(faults_, reason, &own_fault::reason);
    const auto since = known != faults_.end() ? known->since_unix : to_unix_seconds(wall);
    found.push_back({std::string{reason}, std::move(detail), since});
  };
  const bool no_permission = grown.no_socket_mesh > 0 && grown.told_mesh == 0;
  if (no_permission) {
    note(own_faults::no_icmp_permission, sample.results.no_socket_detail);
  } else if (grown.unsent_ip6 > 0 && grown.told_ip6 == 0) {
    note(own_faults::no_ipv6,
         "no IPv6 target can be reached from this machine: " + sample.results.unsent_ip6_detail);
  }
  if (sample.unknown_targets > 0) {
    note(own_faults::unknown_modules,
         "targets that are skipped because this agent has no module of their type: " +
             std::to_string(sample.unknown_targets));
  }
  if (sample.silent_names >= few_names) {
    silent_at_ = now;
  }
  if (silent_at_ && now - *silent_at_ < window_) {
    note(own_faults::no_name_server,
         "names could not be resolved lately: no DNS server answered; look at resolver.servers or "
         "/etc/resolv.conf, and at the way to the servers");
  }
  if (!sample.spool_problem.empty()) {
    note(own_faults::spool_full,
         "results are kept in memory alone, because the disk does not take them: " +
             sample.spool_problem);
  } else if (sample.spool_limit > 0 && sample.spool_bytes > sample.spool_limit / 2) {
    note(own_faults::spool_full, "results that no server has taken fill more than half of the "
                                 "spool: " +
                                     std::to_string(sample.spool_bytes) + " of " +
                                     std::to_string(sample.spool_limit) + " bytes");
  }
  if (!sample.certificate_fault.empty()) {
    note(own_faults::certificate_ends, sample.certificate_fault);
  }
  if (is_bad_clock(sample.clock_ahead_ms)) {
    note(own_faults::clock_off, "the clock of this machine is " +
                                    clock_words(sample.clock_ahead_ms) +
                                    " its server's; set it, or let NTP do it");
  }
  if (auto text = overload_text(grown); !text.empty()) {
    note(own_faults::overload, std::move(text));
  }
  faults_ = std::move(found);
  blocked_ = grown.unable > 0 && grown.told == 0
                 ? "nothing can be probed: " + sample.results.unable_detail
                 : std::string{};
}

} // namespace xprober
