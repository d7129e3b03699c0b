#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "xprober/web/prometheus_text.hpp"

// Families of metrics as protobuf messages: io/prometheus/client/metrics.proto of client_model. The
// texts must be valid UTF-8.
namespace xprober::web {

/// What stands in a `MetricFamily` before its metrics: name, help, type.
///
/// A summary is a gauge there, with the label `quantile` as in the text: ours have quantiles alone,
/// and a reader of a summary would make a count and a sum of 0 out of what is missing.
void append_family_head(std::string& out, std::string_view name, metric_type type,
                        std::string_view help);

/// A label as it stands in a `Metric`.
void append_label_pair(std::string& out, std::string_view name, std::string_view value);

/// Appends a `Metric` to its family; `labels`: its label pairs.
void append_metric(std::string& family, std::string_view labels, metric_type type, double value);

/// The same of a native histogram: `message` is a `Histogram`.
void append_histogram_metric(std::string& family, std::string_view labels,
                             std::string_view message);

/// A message behind its length: `encoding=delimited`.
void append_delimited(std::string& out, std::string_view message);

} // namespace xprober::web
