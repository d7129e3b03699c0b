#pragma once

#include <string>
#include <string_view>

#include "xprober/probes/presenter.hpp"
#include "xprober/probes/stream/tls_summary.hpp"

namespace xprober::stream {

/// The keys of what was learnt of TLS, into the object that is open.
void put_tls_facts(const tls_summary& tls, fact_sink& out);

/// The metrics that blackbox_exporter has of a connection with TLS. `accepted`: the handshake went
/// well.
void put_tls_gauges(const tls_summary& tls, bool accepted, gauge_sink& out);

/// The metrics that say what a handshake that went well agreed on.
void put_tls_info(const tls_summary& tls, gauge_sink& out);

/// The object "tls" of an outcome with `tls_details`, or that there is none.
void put_tls_object(const probe_outcome& outcome, fact_sink& out);

/// `put_tls_gauges` of an outcome with `tls_details`, if it has them.
void put_tls_gauges_of(const probe_outcome& outcome, gauge_sink& out);

/// "TLS 1.3" of OpenSSL's "TLSv1.3".
std::string tls_version_label(std::string_view version);

} // namespace xprober::stream
