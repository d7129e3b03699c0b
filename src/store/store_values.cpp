#include "xprober/store/store_values.hpp"

#include <bit>
#include <cmath>

#include "xprober/domain/label_text.hpp"

namespace xprober {

namespace {

/// The seed stamps the values of one icmp probe within moments, which can lie in two seconds.
constexpr std::uint64_t stamp_tolerance = 1;

/// How long the seed's agent can take to resolve a name, with room to spare.
constexpr std::uint64_t resolve_tolerance = 60;

/// The longest name of an agent: a numeric address, or whatever another implementation calls
/// itself.
constexpr std::size_t max_agent_bytes = 256;

bool within(std::int64_t a, std::int64_t b, std::uint64_t limit) noexcept {
  const auto [low, high] = a < b ? std::pair{a, b} : std::pair{b, a};
  return static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) <= limit;
}

/// True if a metric that both have differs.
bool contradicts(const probe_values& a, const probe_values& b) noexcept {
  for (std::size_t i = 0; i < metric_index::count; ++i) {
    // Compared as bits: both are finite, and 0 and -0 are the same to nobody.
    if (a.has(i) && b.has(i) &&
        std::bit_cast<std::uint32_t>(a.values[i]) != std::bit_cast<std::uint32_t>(b.values[i])) {
      return true;
    }
  }
  return false;
}

void add_all(probe_values& to, const probe_values& from) noexcept {
  for (std::size_t i = 0; i < metric_index::count; ++i) {
    if (from.has(i)) {
      to.set(i, from.values[i]);
    }
  }
}

/// Values without a success that come by themselves and fit to the held ones.
bool completes(const probe_values& held, const probe_values& got) noexcept {
  return !got.has(metric_index::success) && (held.present & got.present) == 0 &&
         within(held.unix_seconds, got.unix_seconds, stamp_tolerance);
}

} // namespace

std::optional<metric_place> find_metric(std::string_view name) noexcept {
  using enum probe_type;
  if (name == metric_names::ping_success) {
    return metric_place{icmp, metric_index::success};
  }
  if (name == metric_names::ping_drop_rate) {
    return metric_place{icmp, metric_index::ping_drop_rate};
  }
  if (name == metric_names::ping_latency) {
    return metric_place{icmp, metric_index::ping_latency};
  }
  if (name == metric_names::http_success) {
    return metric_place{http, metric_index::success};
  }
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    if (name == metric_name(static_cast<http_phase>(i))) {
      return metric_place{http, metric_index::first_http_phase + i};
    }
  }
  return std::nullopt;
}

std::uint32_t probe_values::size() const noexcept {
  return static_cast<std::uint32_t>(std::popcount(present));
}

std::string_view check_series(const wire_value& value) noexcept {
  if (!is_prober_name(value.probe_type)) {
    return "probeType is not icmp, http or the name of a module";
  }
  if (!is_region_name(value.source_region)) {
    return "sourceRegion is empty, too long or no clean text";
  }
  if (value.target_region.size() > max_region_bytes || !is_clean_text(value.target_region)) {
    return "targetRegion is too long or no clean text";
  }
  if (value.target_addr.empty() || value.target_addr.size() > max_address_bytes ||
      !is_clean_text(value.target_addr)) {
    return "targetAddr is empty, too long or no clean text";
  }
  if (value.worker_name.size() > max_agent_bytes || !is_clean_text(value.worker_name)) {
    return "workerName is too long or no clean text";
  }
  return {};
}

std::string_view check_number(const wire_value& value) noexcept {
  const auto metric = find_metric(value.metric_name);
  if (!metric) {
    return "metricName is not known";
  }
  // What a module is built on, its metrics tell.
  if (const auto type = parse_probe_type(value.probe_type); type && *type != metric->type) {
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
  if (probe.has(metric.index) || (probe.present != 0 && probe.type != metric.type)) {
    return false;
  }
  probe.type = metric.type;
  const bool is_success = metric.index == metric_index::success;
  const auto tolerance = is_success ? resolve_tolerance : stamp_tolerance;
  if (probe.present != 0 && !within(probe.unix_seconds, unix_seconds, tolerance)) {
    return false;
  }
  if (probe.present == 0 || is_success) {
    probe.unix_seconds = unix_seconds;
  }
  probe.set(metric.index, value);
  return true;
}

bool merge_probe(probe_values& held, const probe_values& got, bool silent) noexcept {
  if (held.type != got.type) {
    // The agent's module was built on another type meanwhile: nothing fits together.
    const bool newer = got.unix_seconds <= 0 || got.unix_seconds >= held.unix_seconds || silent;
    held = newer ? got : held;
    return newer;
  }
  if (got.unix_seconds <= 0) {
    // No stamp: the order of arrival is all there is, and each arrival is news.
    if (got.has(metric_index::success)) {
      held = got;
    } else {
      add_all(held, got);
      held.unix_seconds = got.unix_seconds;
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
