#include "xprober/verdict/mute.hpp"

#include <algorithm>
#include <cstddef>

namespace xprober {

namespace {

constexpr std::size_t most_conditions = 20;
constexpr std::size_t longest_mute_text = 2048; ///< bytes: an address is not longer

/// Whoever mutes one target does not want to miss that it fails together with others.
bool all_fit(const std::vector<std::string>& names, std::string_view pattern) {
  return !names.empty() && std::all_of(names.begin(), names.end(), [&](const auto& name) {
    return fits_pattern(pattern, name);
  });
}

bool condition_fits(const mute_condition& c, const incident& what) {
  if (c.field == "kind") {
    return fits_pattern(c.value, to_string(what.kind));
  }
  if (c.field == "severity") {
    return fits_pattern(c.value, to_string(what.severity));
  }
  if (c.field == "probe_type") {
    return fits_pattern(c.value, what.probe_type);
  }
  if (c.field == "reason") {
    return fits_pattern(c.value, what.reason);
  }
  if (c.field == "alertname") {
    return fits_pattern(c.value, alert_name(what));
  }
  if (c.field == "certificate") {
    return !what.certificate.empty() && fits_pattern(c.value, what.certificate);
  }
  if (c.field == "target") {
    return all_fit(what.targets.names, c.value);
  }
  if (c.field == "source") {
    return all_fit(what.sources.names, c.value);
  }
  return std::any_of(what.labels.begin(), what.labels.end(), [&](const auto& label) {
    return label.first == c.field && fits_pattern(c.value, label.second);
  });
}

} // namespace

bool mute::fits(const incident& what) const {
  return !conditions.empty() && std::all_of(conditions.begin(), conditions.end(),
                                            [&](const auto& c) { return condition_fits(c, what); });
}

bool is_muted(const incident& what, std::span<const mute> mutes, wall_time now) {
  return std::any_of(mutes.begin(), mutes.end(),
                     [&](const auto& m) { return m.lasts(now) && m.fits(what); });
}

std::string mute_problem(const mute& m) {
  if (m.conditions.empty()) {
    return "a mute needs at least one condition: it would mute everything";
  }
  if (m.conditions.size() > most_conditions) {
    return "a mute has at most " + std::to_string(most_conditions) + " conditions";
  }
  for (const auto& c : m.conditions) {
    if (c.field.empty() || c.value.empty()) {
      return "a condition needs a field and a value; \"*\" stands for every value";
    }
    if (c.field.size() > longest_mute_text || c.value.size() > longest_mute_text) {
      return "a condition has at most " + std::to_string(longest_mute_text) + " bytes";
    }
  }
  if (m.until <= m.from) {
    return "until: the end of a mute must lie ahead";
  }
  if (m.by.empty() || m.why.empty()) {
    return "a mute says who has set it (by) and why";
  }
  return m.by.size() > longest_mute_text || m.why.size() > longest_mute_text
             ? "by and why have at most " + std::to_string(longest_mute_text) + " bytes each"
             : std::string{};
}

} // namespace xprober
