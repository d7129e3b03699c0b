#include "xprober/probes/http/tls.hpp"

#include <cstdio>
#include <ctime>
#include <optional>
#include <stdexcept>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

namespace xprober::http {

namespace {

constexpr std::size_t max_names = 8;
constexpr std::size_t max_name_length = 100;

std::optional<std::int64_t> to_unix(const ASN1_TIME* time) {
  std::tm parts{};
  if (!time || ASN1_TIME_to_tm(time, &parts) != 1) {
    return std::nullopt;
  }
  return ::timegm(&parts);
}

std::string date_text(const ASN1_TIME* time) {
  std::tm parts{};
  char text[32] = "?";
  if (time && ASN1_TIME_to_tm(time, &parts) == 1) {
    std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
  }
  return text;
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
  for (int i = 0; i < length; i += length == 4 ? 1 : 2) {
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

// The names a certificate is for: its alternative names, or else its subject.
std::string names_text(X509* certificate) {
  std::string out;
  std::size_t count = 0;
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names{
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free};
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const auto* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS && name->type != GEN_IPADD) {
      continue;
    }
    if (count++ == max_names) {
      return out += ", ...";
    }
    out += out.empty() ? "" : ", ";
    out += name->type == GEN_DNS ? printable(ASN1_STRING_get0_data(name->d.dNSName),
                                             ASN1_STRING_length(name->d.dNSName))
                                 : address_text(name->d.iPAddress);
  }
  if (out.empty()) {
    char subject[256] = "";
    X509_NAME_oneline(X509_get_subject_name(certificate), subject, sizeof(subject));
    out = subject;
  }
  return out;
}

std::string describe(X509_STORE_CTX* store, int error) {
  std::string out = X509_verify_cert_error_string(error);
  // The certificate that failed can be one further up the chain than the server's own.
  auto* own = X509_STORE_CTX_get0_cert(store);
  auto* failed = X509_STORE_CTX_get_current_cert(store);
  if (own) {
    out += "; the certificate is for " + names_text(own);
  }
  if (auto* shown = failed ? failed : own) {
    out += shown == own ? "; valid from " : "; that of " + names_text(shown) + " is valid from ";
    out += date_text(X509_get0_notBefore(shown)) + " to " + date_text(X509_get0_notAfter(shown));
  }
  return out;
}

std::int64_t earliest_expiry(X509_STORE_CTX* store) {
  std::int64_t earliest = 0;
  const auto take = [&](const X509* certificate) {
    const auto expiry = certificate ? to_unix(X509_get0_notAfter(certificate)) : std::nullopt;
    if (expiry && (earliest == 0 || *expiry < earliest)) {
      earliest = *expiry;
    }
  };
  take(X509_STORE_CTX_get0_cert(store));
  const auto* sent = X509_STORE_CTX_get0_untrusted(store);
  for (int i = 0; i < sk_X509_num(sent); ++i) {
    take(sk_X509_value(sent, i));
  }
  return earliest;
}

int report_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

// Called by OpenSSL in place of its own verification. `arg` is not null where it is skipped.
int verify(X509_STORE_CTX* store, void* arg) {
  auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* report = ssl ? static_cast<tls_report*>(SSL_get_ex_data(ssl, report_index())) : nullptr;
  if (report) {
    report->earliest_expiry_unix = earliest_expiry(store);
  }
  if (arg) {
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
  }
  const int accepted = X509_verify_cert(store);
  if (accepted != 1 && report) {
    report->rejected = true;
    report->detail = describe(store, X509_STORE_CTX_get_error(store));
  }
  return accepted == 1 ? 1 : 0;
}

bool set_peer(SSL* ssl, const tls_peer& peer) {
  auto host = peer.host;
  if (host.ends_with('.')) {
    host.pop_back();
  }
  auto* expected = SSL_get0_param(ssl);
  if (peer.is_address) {
    return X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1;
  }
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_host(expected, host.c_str(), host.size()) != 1) {
    return false;
  }
  // What the macro SSL_set_tlsext_host_name stands for, without its C cast.
  return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data()) == 1;
}

} // namespace

void ssl_deleter::operator()(ssl_st* ssl) const noexcept { SSL_free(ssl); }

tls_context::tls_context(const std::string& ca_file, bool skip_verify)
    : context_(SSL_CTX_new(TLS_client_method())) {
  if (!context_) {
    throw std::runtime_error("TLS cannot be set up: " + take_tls_error());
  }
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context_, SSL_OP_NO_TICKET);
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context_, 1); // a record in one system call instead of two
  // RFC 7301: a length and the protocol's name.
  static constexpr unsigned char protocols[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(context_, protocols, sizeof(protocols));
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
  static int skip = 1;
  SSL_CTX_set_cert_verify_callback(context_, &verify, skip_verify ? &skip : nullptr);
  if (ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context_);
    ERR_clear_error();
  } else if (SSL_CTX_load_verify_locations(context_, ca_file.c_str(), nullptr) != 1) {
    const auto why = take_tls_error();
    SSL_CTX_free(context_);
    throw std::runtime_error("http.ca_file: " + ca_file + " cannot be used: " + why +
                             "; name a readable file of certificates in PEM form");
  }
}

tls_context::~tls_context() { SSL_CTX_free(context_); }

ssl_ptr tls_context::new_session(const tls_peer& peer, tls_report& report) const {
  ssl_ptr ssl{SSL_new(context_)};
  if (!ssl || SSL_set_ex_data(ssl.get(), report_index(), &report) != 1 ||
      !set_peer(ssl.get(), peer)) {
    ERR_clear_error();
    return nullptr;
  }
  SSL_set_connect_state(ssl.get());
  return ssl;
}

std::string take_tls_error() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  return reason ? reason : "unknown error";
}

} // namespace xprober::http
