#include "xprober/probes/stream/certificates.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include <openssl/x509_vfy.h>

#include "xprober/base/certificate_facts.hpp"
#include "xprober/domain/comma_list.hpp"
#include "xprober/domain/time_text.hpp"
#include "xprober/probes/stream/tls.hpp"

namespace xprober::stream {

namespace {

constexpr std::size_t max_names_shown = 8;
constexpr int max_sent = static_cast<int>(max_sent_certificates);

std::string date_text(const ASN1_TIME* time) {
  const auto seconds = to_unix(time);
  return seconds ? rfc3339(*seconds) : "?";
}

std::string names_text(const X509* certificate) {
  const auto names = names_of(certificate);
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i == max_names_shown) {
      return out += ", ...";
    }
    append_listed(out, names[i]);
  }
  return out.empty() ? name_text(X509_get_subject_name(certificate)) : out;
}

} // namespace

std::string wanted_certificate(const tls_report& report, std::string_view key) {
  return report.client_certificate_missing
             ? "; the server asked for a certificate, and " + std::string{key} + " names none"
             : std::string{};
}

void read_accepted_chain(x509_store_ctx_st* store, tls_summary& out) {
  const auto* chain = X509_STORE_CTX_get0_chain(store);
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    const auto expiry = to_unix(X509_get0_notAfter(sk_X509_value(chain, i)));
    if (expiry && (out.chain_expiry_unix == 0 || *expiry < out.chain_expiry_unix)) {
      out.chain_expiry_unix = *expiry;
    }
  }
}

void read_chain(x509_store_ctx_st* store, tls_summary& out) {
  const auto take = [&](const X509* certificate) {
    const auto expiry = certificate ? to_unix(X509_get0_notAfter(certificate)) : std::nullopt;
    if (expiry && (out.earliest_expiry_unix == 0 || *expiry < out.earliest_expiry_unix)) {
      out.earliest_expiry_unix = *expiry;
    }
  };
  const auto* own = X509_STORE_CTX_get0_cert(store);
  take(own);
  const auto* sent = X509_STORE_CTX_get0_untrusted(store);
  for (int i = 0; i < sk_X509_num(sent); ++i) {
    take(sk_X509_value(sent, i));
  }
  if (own) {
    out.expiry_unix = to_unix(X509_get0_notAfter(own)).value_or(0);
    out.subject = name_text(X509_get_subject_name(own));
    out.issuer = name_text(X509_get_issuer_name(own));
    out.dns_names = shown_names_of(own);
    out.fingerprint_sha256 = fingerprint_of(own);
  }
}

void read_sent(x509_store_ctx_st* store, tls_summary& out) {
  out.chain.clear();
  const auto* own = X509_STORE_CTX_get0_cert(store);
  const auto* sent = X509_STORE_CTX_get0_untrusted(store);
  if (own != nullptr && (sk_X509_num(sent) < 1 || X509_cmp(sk_X509_value(sent, 0), own) != 0)) {
    out.chain.push_back(facts_of(own));
  }
  for (int i = 0; i < std::min(sk_X509_num(sent), max_sent); ++i) {
    out.chain.push_back(facts_of(sk_X509_value(sent, i)));
  }
}

probe_error reason_of(int verify_error) noexcept {
  switch (verify_error) {
  case X509_V_ERR_CERT_HAS_EXPIRED: return probe_error::tls_expired;
  case X509_V_ERR_CERT_NOT_YET_VALID: return probe_error::tls_not_yet_valid;
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
  case X509_V_ERR_CERT_UNTRUSTED: return probe_error::tls_unknown_issuer;
  case X509_V_ERR_HOSTNAME_MISMATCH:
  case X509_V_ERR_IP_ADDRESS_MISMATCH: return probe_error::tls_wrong_name;
  default: return probe_error::tls_verify;
  }
}

std::string explain(x509_store_ctx_st* store, int verify_error) {
  std::string out = X509_verify_cert_error_string(verify_error);
  // The certificate that failed can be one further up the chain than the server's own.
  const auto* own = X509_STORE_CTX_get0_cert(store);
  const auto* failed = X509_STORE_CTX_get_current_cert(store);
  if (own) {
    out += "; the certificate is for " + names_text(own) + ", issued by " +
           name_text(X509_get_issuer_name(own));
  }
  if (const auto* shown = failed ? failed : own) {
    out += shown == own ? "; valid from " : "; that of " + names_text(shown) + " is valid from ";
    out += date_text(X509_get0_notBefore(shown)) + " to " + date_text(X509_get0_notAfter(shown));
  }
  return out;
}

} // namespace xprober::stream
