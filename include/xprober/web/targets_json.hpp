#pragma once

#include <string>

#include "xprober/actors/snapshot.hpp"

namespace xprober::web {

/// `/targets`: `{targets: [{uid, target, region, probe_type, state, last}], matching, total, ok,
/// failing, waiting}`. `last` has the form of a result below, or is null before the first.
std::string targets_json(const target_listing& listing);

/// `/targets/{uid}`: who the target is, its state, its counters, its last results and failures,
/// newest first. A result is `{time, time_unix, success, error, local_error, detail, address,
/// duration_ms, start_lag_ms}` and `icmp: {sent, received, duplicates, late, loss_percent,
/// rtt_ms: {min, avg, p50, p99, max, stddev}}` or `http: {status, redirects, body_bytes,
/// cert_expiry_unix, phases_ms: {resolve, connect, tls, processing, transfer}}`.
/// What was not measured is null.
std::string target_json(const target_story& story);

} // namespace xprober::web
