#include "xprober/verdict/certificate.hpp"

#include <algorithm>

#include "xprober/domain/string_hash.hpp"
#include "xprober/domain/time_text.hpp"

namespace xprober {

std::optional<incident_severity> certificate_severity(wall_clock::duration left) noexcept {
  if (left > certificate_info) {
    return std::nullopt;
  }
  return left > certificate_warning    ? incident_severity::info
         : left > certificate_critical ? incident_severity::warning
                                       : incident_severity::critical;
}

namespace {

std::string whose(const certificate_sighting& first, std::size_t targets) {
  const auto subject = first.subject.empty() ? std::string{} : " of " + first.subject;
  if (targets == 1) {
    return "target " + first.target + ": " +
           (first.own ? "its certificate" + subject
                      : "a certificate of its chain, that" + subject + ",");
  }
  const auto number = std::to_string(targets) + " targets";
  return first.own ? "the certificate" + subject + " that " + number + " show"
                   : "a certificate of the chains of " + number + ", that" + subject + ",";
}

std::vector<incident_label> common_labels(std::span<const certificate_sighting* const> seen) {
  auto labels = seen.front()->labels;
  for (const auto* one : seen.subspan(1)) {
    std::erase_if(labels, [&](const incident_label& label) {
      return std::ranges::find(one->labels, label) == one->labels.end();
    });
  }
  return labels;
}

} // namespace

std::uint64_t certificate_key(std::string_view target, std::string_view fingerprint) noexcept {
  return combine_hash(combine_hash(hash_bytes("certificate"), target), fingerprint);
}

std::optional<finding> certificate_finding(std::span<const certificate_sighting* const> seen,
                                           const std::vector<std::string>& silent, wall_time now) {
  const auto& first = *seen.front();
  const auto severity = certificate_severity(first.not_after - now);
  if (!severity) {
    return std::nullopt;
  }
  finding made;
  auto& shown = made.shown;
  auto& names = shown.targets.names;
  names = silent;
  for (const auto* one : seen) {
    names.push_back(one->target);
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const auto& name : names) {
    made.targets.push_back(certificate_key(name, first.fingerprint));
  }
  std::ranges::sort(made.targets);
  shown.targets.affected = shown.targets.of = static_cast<std::uint32_t>(names.size());
  const bool over = first.not_after <= now;
  shown.severity = *severity;
  shown.probe_type = first.probe_type;
  shown.reason = over ? "certificate_ended" : "certificate_ends";
  shown.certificate = first.fingerprint;
  shown.summary = whose(first, names.size()) + (over ? " ended at " : " ends at ") +
                  rfc3339(to_unix_seconds(first.not_after));
  shown.labels = common_labels(seen);
  if (names.size() == 1) {
    shown.labels.emplace_back("target", first.target);
  }
  names.resize(std::min(names.size(), incident_side::most_names));
  return made;
}

} // namespace xprober
