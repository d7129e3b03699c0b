#pragma once

#include "xprober/domain/probe_result.hpp"
#include "xprober/web/json.hpp"

namespace xprober::web {

/// What an ICMP probe counted and measured, as `/targets/{uid}` and `xprober ping --json` have it:
/// sent, received, loss_percent (null where no echo's fate is known), duplicates, late, reordered,
/// reply_ttl, receive_overflow, rtt_inexact, icmp_errors [{type, code, text, router, count}],
/// rtt_ms {min, avg, p50, p90, p99, max, stddev, jitter} or null.
json icmp_json(const probe_outcome& outcome, const icmp_summary& icmp);

/// `http` of a result: `{failed_phase, status, version, redirects, body_bytes, cert_expiry_unix,
/// tls, phases_ms}`; `tls` is `{version, cipher, subject, issuer, dns_names, expiry_unix,
/// earliest_expiry_unix, chain_expiry_unix (of the chain that was accepted), fingerprint_sha256}`,
/// null where no certificate was seen.
json http_json(const probe_outcome& outcome, const http_summary& http);

} // namespace xprober::web
