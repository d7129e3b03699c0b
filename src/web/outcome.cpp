#include "xprober/web/outcome.hpp"

namespace xprober::web {

namespace {

bool before_sending(probe_error error) noexcept {
  switch (error) {
  case probe_error::bad_target:
  case probe_error::resolve_not_found:
  case probe_error::resolve_servfail:
  case probe_error::resolve_failed:
  case probe_error::resolve_timeout:
  case probe_error::resolve_no_address: return true;
  default: return false;
  }
}

} // namespace

std::optional<double> loss_percent(const probe_outcome& outcome) {
  const auto* icmp = std::get_if<icmp_summary>(&outcome.data);
  if (icmp == nullptr || is_local(outcome.error) || before_sending(outcome.error)) {
    return std::nullopt;
  }
  return icmp->loss_percent();
}

std::optional<float> mean_rtt_ms(const probe_outcome& outcome) {
  const auto* icmp = std::get_if<icmp_summary>(&outcome.data);
  if (icmp == nullptr || icmp->received == 0) {
    return std::nullopt;
  }
  return icmp->rtt.mean;
}

std::string tls_version_label(std::string_view version) {
  constexpr std::string_view prefix = "TLSv";
  if (!version.starts_with(prefix)) {
    return std::string{version};
  }
  const auto number = version.substr(prefix.size());
  return "TLS " + std::string{number} + (number.size() == 1 ? ".0" : "");
}

std::optional<http_phase> failed_phase(const probe_outcome& outcome) noexcept {
  const auto* http = std::get_if<http_summary>(&outcome.data);
  if (http == nullptr || outcome.success) {
    return std::nullopt;
  }
  switch (outcome.error) {
  case probe_error::bad_target:
  case probe_error::too_many_redirects:
  case probe_error::bad_redirect:
  case probe_error::shutdown:
  case probe_error::local_overload: return std::nullopt;
  default: break;
  }
  for (std::size_t i = 0; i < http_phase_count; ++i) {
    if (!http->phases_ms[i]) {
      return static_cast<http_phase>(i);
    }
  }
  return std::nullopt;
}

} // namespace xprober::web
