#pragma once

#include <string>

#include "xprober/domain/probe_result.hpp"
#include "xprober/probes/stream/tls_summary.hpp"

struct x509_store_ctx_st;

namespace xprober::stream {

struct tls_report;

/// For people, where the server asked for a certificate that there is not; else empty. `key`: which
/// key of the configuration would name one, e.g. "http.cert_file".
std::string wanted_certificate(const tls_report& report, std::string_view key);

/// What the certificates that a server sent say of it: names, dates, issuer.
void read_chain(x509_store_ctx_st* store, tls_summary& out);

/// All certificates that a server sent, the first ten of them, into `chain`.
void read_sent(x509_store_ctx_st* store, tls_summary& out);

/// After a verification that went well: when the chain that was built breaks.
void read_accepted_chain(x509_store_ctx_st* store, tls_summary& out);

/// Which of the `tls_*` errors a result of OpenSSL's verification is.
probe_error reason_of(int verify_error) noexcept;

/// A result of the verification for people: OpenSSL's reason, the names of the server's
/// certificate, and the dates of the one that was not accepted.
std::string explain(x509_store_ctx_st* store, int verify_error);

} // namespace xprober::stream
