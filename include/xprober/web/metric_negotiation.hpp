#pragma once

#include <string>
#include <string_view>

#include "xprober/net/http_types.hpp"
#include "xprober/web/prometheus_text.hpp"

// Which form of `/metrics` a client gets (RFC 9110, 12.5.1).
namespace xprober::web {

/// Protobuf where `Accept` names it with proto=io.prometheus.client.MetricFamily and
/// encoding=delimited, and does not like the text better; the text for everybody else, whatever
/// they accept.
metric_format metric_format_for(std::string_view accept);
metric_format metric_format_for(const net::http_request& request);

/// The metrics as an answer, which depends on `Accept`.
net::http_response metrics_response(std::string metrics, metric_format format);

} // namespace xprober::web
