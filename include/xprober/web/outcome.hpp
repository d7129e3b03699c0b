#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "xprober/domain/probe_result.hpp"

namespace xprober::web {

/// Percent of echoes lost as the outcome measured it; nothing where it measured none: no echo's
/// fate is known because the name was not resolved or the prober itself failed.
std::optional<double> loss_percent(const probe_outcome& outcome);

/// Mean round-trip time in ms; nothing without a reply or for another type of probe.
std::optional<float> mean_rtt_ms(const probe_outcome& outcome);

/// A version of TLS as Prometheus's users know it: OpenSSL's "TLSv1.3" is "TLS 1.3".
std::string tls_version_label(std::string_view version);

/// The phase in which an HTTP probe failed: the first that was not completed. Nothing for a
/// success, and where the phases are not what failed: the URL, a redirect, what came in answer.
std::optional<http_phase> failed_phase(const probe_outcome& outcome) noexcept;

} // namespace xprober::web
