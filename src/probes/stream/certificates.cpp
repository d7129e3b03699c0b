#include "xprober/probes/stream/certificates.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <optional>
#include <string_view>
#include <vector>

#include <openssl/evp.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "xprober/domain/time_text.hpp"
#include "xprober/probes/stream/tls.hpp"

namespace xprober::stream {

namespace {

constexpr std::size_t max_names = 20;
constexpr std::size_t max_names_shown = 8;
constexpr std::size_t max_name_length = 100;
constexpr std::size_t max_subject_length = 256;
constexpr int max_sent = 10;

std::optional<std::int64_t> to_unix(const ASN1_TIME* time) {
  std::tm parts{};
  if (!time || ASN1_TIME_to_tm(time, &parts) != 1) {
    return std::nullopt;
  }
  return ::timegm(&parts);
}

std::string date_text(const ASN1_TIME* time) {
  const auto seconds = to_unix(time);
  return seconds ? rfc3339(*seconds) : "?";
}

std::string printable(const unsigned char* data, int length) {
  std::string out;
  for (int i = 0; i < length && out.size() < max_name_length; ++i) {
    const bool plain = data[i] > 0x20 && data[i] < 0x7F;
    out += plain ? static_cast<char>(data[i]) : '?';
  }
  return out;
}

std::string address_text(const ASN1_OCTET_STRING* octets) {
  const auto* bytes = ASN1_STRING_get0_data(octets);
  const int length = ASN1_STRING_length(octets);
  std::string out;
  char part[8];
  for (int i = 0; i < length && i < 16; i += length == 4 ? 1 : 2) {
    if (length == 4) {
      std::snprintf(part, sizeof(part), i ? ".%u" : "%u", static_cast<unsigned>(bytes[i]));
    } else if (i + 1 < length) {
      std::snprintf(part, sizeof(part), i ? ":%x" : "%x",
                    static_cast<unsigned>(bytes[i]) << 8 | static_cast<unsigned>(bytes[i + 1]));
    }
    out += part;
  }
  return out;
}

// RFC 2253 with everything that is not plain ASCII escaped.
std::string name_text(const X509_NAME* name) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out{BIO_new(BIO_s_mem()), &BIO_free};
  if (!out || !name || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) {
    return {};
  }
  char* data = nullptr;
  const auto length = BIO_ctrl(out.get(), BIO_CTRL_INFO, 0, static_cast<void*>(&data));
  return std::string(data, static_cast<std::size_t>(std::max(length, 0L)))
      .substr(0, max_subject_length);
}

// The names and addresses a certificate is for, at most `max_names`, one more where there are more.
std::vector<std::string> names_of(const X509* certificate) {
  std::vector<std::string> out;
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names{
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free};
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()) && out.size() <= max_names; ++i) {
    const auto* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) {
      out.push_back(
          printable(ASN1_STRING_get0_data(name->d.dNSName), ASN1_STRING_length(name->d.dNSName)));
    } else if (name->type == GEN_IPADD) {
      out.push_back(address_text(name->d.iPAddress));
    }
  }
  return out;
}

std::string fingerprint(const X509* certificate) {
  std::array<unsigned char, 32> digest;
  unsigned length = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &length) != 1) {
    return {};
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const auto byte : digest) {
    out += digits[byte >> 4];
    out += digits[byte & 0xF];
  }
  return out;
}

/// "RSA 2048", "EC 256".
std::string key_text(const X509* certificate) {
  const auto* key = X509_get0_pubkey(certificate);
  const char* type = key != nullptr ? EVP_PKEY_get0_type_name(key) : nullptr;
  return type != nullptr ? std::string{type} + " " + std::to_string(EVP_PKEY_get_bits(key))
                         : std::string{};
}

/// The last name says that there are more.
std::vector<std::string> cut_names(std::vector<std::string> names) {
  if (names.size() > max_names) {
    names.back() = "...";
  }
  return names;
}

sent_certificate facts_of(const X509* certificate) {
  return {name_text(X509_get_subject_name(certificate)),
          name_text(X509_get_issuer_name(certificate)),
          cut_names(names_of(certificate)),
          to_unix(X509_get0_notBefore(certificate)).value_or(0),
          to_unix(X509_get0_notAfter(certificate)).value_or(0),
          key_text(certificate),
          fingerprint(certificate)};
}

std::string names_text(const X509* certificate) {
  const auto names = names_of(certificate);
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i == max_names_shown) {
      return out += ", ...";
    }
    out += (i == 0 ? "" : ", ") + names[i];
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
    out.dns_names = cut_names(names_of(own));
    out.fingerprint_sha256 = fingerprint(own);
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
