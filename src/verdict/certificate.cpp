#include "xprober/verdict/certificate.hpp"

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

std::optional<finding> certificate_finding(const certificate_sighting& seen, wall_time now) {
  const auto severity = certificate_severity(seen.not_after - now);
  if (!severity) {
    return std::nullopt;
  }
  finding made;
  made.targets = {
      combine_hash(combine_hash(hash_bytes("certificate"), seen.target), seen.fingerprint)};
  auto& shown = made.shown;
  const bool over = seen.not_after <= now;
  shown.severity = *severity;
  shown.probe_type = seen.probe_type;
  shown.reason = over ? "certificate_ended" : "certificate_ends";
  shown.certificate = seen.fingerprint;
  shown.summary = "target " + seen.target + ": " +
                  (seen.own ? "its certificate" : "a certificate of its chain, that") +
                  (seen.subject.empty() ? std::string{} : " of " + seen.subject) +
                  (seen.own ? "" : ",") + (over ? " ended at " : " ends at ") +
                  rfc3339(to_unix_seconds(seen.not_after));
  shown.targets = {1, 1, {seen.target}};
  shown.labels = seen.labels;
  shown.labels.emplace_back("target", seen.target);
  return made;
}

} // namespace xprober
