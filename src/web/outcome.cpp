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

} // namespace xprober::web
