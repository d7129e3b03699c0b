#pragma once

#include <cstdint>
#include <string>

#include "xprober/domain/history/native_histogram.hpp"

// Native histograms as protobuf messages. Both have the same content under other numbers.

namespace xprober {

/// `prometheus.Histogram` of remote write 1.0 (prompb/types.proto): field 4 of a TimeSeries.
/// `reset`: it counts anew since the last one that was written, also where its counts do not show
/// it.
std::string remote_write_histogram(const native_histogram& of, std::int64_t unix_ms,
                                   bool reset = false);

/// The one that ends a series: its sum is the NaN that Prometheus calls StaleNaN.
std::string remote_write_stale_histogram(std::int64_t unix_ms);

/// `io.prometheus.client.Histogram` of the exposition in protobuf
/// (io/prometheus/client/metrics.proto of client_model): field 7 of a Metric. `created_unix_ms`:
/// when it began to count; 0: unknown.
std::string exposed_histogram(const native_histogram& of, std::int64_t created_unix_ms = 0);

} // namespace xprober
