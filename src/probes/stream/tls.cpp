#include "xprober/probes/stream/tls.hpp"

#include <algorithm>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <utility>
#include <vector>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "xprober/base/pem_files.hpp"
#include "xprober/probes/stream/certificates.hpp"
#include "xprober/probes/stream/chain_shelf.hpp"

namespace xprober::stream {

namespace {

/// OpenSSL's level that certificates have to meet, as Debian has it: no RSA key below 2048 bits, no
/// signature with SHA-1.
constexpr int certificate_level = 2;

int report_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

// The session's own level is lower where old versions of TLS are allowed.
bool is_accepted(X509_STORE_CTX* store) {
  auto* wanted = X509_STORE_CTX_get0_param(store);
  const int level = std::max(X509_VERIFY_PARAM_get_auth_level(wanted), certificate_level);
  X509_VERIFY_PARAM_set_auth_level(wanted, level);
  return X509_verify_cert(store) == 1;
}

// Called by OpenSSL in place of its own verification. `arg` is not null where it is skipped.
int verify(X509_STORE_CTX* store, void* arg) {
  auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* report = ssl ? static_cast<tls_report*>(SSL_get_ex_data(ssl, report_index())) : nullptr;
  if (report) {
    report->seen = true;
    read_chain(store, report->summary);
    if (report->chains) {
      report->summary.sent = report->chains->take(store);
    }
    if (report->wants_chain) {
      read_sent(store, report->summary);
    }
  }
  if (arg) {
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
  }
  const bool accepted = is_accepted(store);
  if (!accepted && report) {
    const int error = X509_STORE_CTX_get_error(store);
    report->rejected = reason_of(error);
    report->detail = explain(store, error);
  } else if (report) {
    read_accepted_chain(store, report->summary);
  }
  return accepted ? 1 : 0;
}

// Called by OpenSSL where the server asks for a certificate and the context has none.
int note_request(SSL* ssl, X509**, EVP_PKEY**) {
  if (auto* report = static_cast<tls_report*>(SSL_get_ex_data(ssl, report_index()))) {
    report->client_certificate_missing = true;
  }
  return 0;
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
  // RFC 9525, section 2: a certificate's names are its subjectAltName alone, never its subject.
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                                X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (X509_VERIFY_PARAM_set1_host(expected, host.c_str(), host.size()) != 1) {
    return false;
  }
  // What the macro SSL_set_tlsext_host_name stands for, without its C cast.
  return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data()) == 1;
}

int number_of(tls_version version) noexcept {
  switch (version) {
  case tls_version::tls10: return TLS1_VERSION;
  case tls_version::tls11: return TLS1_1_VERSION;
  case tls_version::tls12: return TLS1_2_VERSION;
  case tls_version::tls13: return TLS1_3_VERSION;
  }
  return TLS1_2_VERSION;
}

void set_versions(SSL_CTX* context, const tls_options& config) {
  // Level 1 and above refuse what TLS 1.0 and 1.1 sign their handshakes with.
  if (config.min_version < tls_version::tls12) {
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_cipher_list(context, "DEFAULT@SECLEVEL=0");
  }
  SSL_CTX_set_min_proto_version(context, number_of(config.min_version));
  SSL_CTX_set_max_proto_version(context, number_of(config.max_version));
}

/// `problem` is what is wrong with a file, empty where nothing is.
void check(const std::string& key, const std::string& file, const std::string& problem) {
  if (!problem.empty()) {
    throw std::runtime_error(key + ": " + file + ": " + problem);
  }
}

void load_files(SSL_CTX* context, const tls_options& config) {
  const auto key = [&](const char* name) { return config.section + name; };
  if (config.ca_file.empty()) {
    if (!config.insecure_skip_verify) {
      SSL_CTX_set_default_verify_paths(context);
      ERR_clear_error();
    }
  } else {
    check(key(".ca_file"), config.ca_file, trust_file(context, config.ca_file));
  }
  if (!config.cert_file.empty()) {
    check(key(".cert_file"), config.cert_file, use_chain_file(context, config.cert_file));
    check(key(".key_file"), config.key_file, use_key_file(context, config.key_file));
  }
}

/// Throws where a file cannot be used; null if memory ran out.
ssl_ctx_ptr new_context(const tls_options& config) {
  ssl_ctx_ptr made{SSL_CTX_new(TLS_client_method())};
  auto* context = made.get();
  if (!context) {
    return nullptr;
  }
  set_versions(context, config);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1); // a record in one system call instead of two
  if (!config.alpn.empty()) {
    // RFC 7301: a length and the protocol's name.
    std::vector<unsigned char> protocol{static_cast<unsigned char>(config.alpn.size())};
    protocol.insert(protocol.end(), config.alpn.begin(), config.alpn.end());
    SSL_CTX_set_alpn_protos(context, protocol.data(), static_cast<unsigned>(protocol.size()));
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  // What is in the store is trusted, be it a root or not (RFC 5280, section 6.1.1 (d)).
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  static int skip = 1;
  SSL_CTX_set_cert_verify_callback(context, &verify, config.insecure_skip_verify ? &skip : nullptr);
  SSL_CTX_set_client_cert_cb(context, &note_request);
  load_files(context, config);
  return made;
}

} // namespace

tls_options tls_options_of(const tls_client_config& config, std::string section) {
  return {.section = std::move(section),
          .ca_file = config.ca_file,
          .cert_file = config.cert_file,
          .key_file = config.key_file,
          .insecure_skip_verify = config.insecure_skip_verify,
          .min_version = config.min_version,
          .max_version = config.max_version,
          .alpn = {}};
}

void ssl_deleter::operator()(ssl_st* ssl) const noexcept { SSL_free(ssl); }

void ssl_ctx_deleter::operator()(ssl_ctx_st* context) const noexcept { SSL_CTX_free(context); }

tls_context::tls_context(tls_options options)
    : options_(std::move(options)), chains_(std::make_shared<chain_shelf>()) {
  if (options_.ca_file.empty() && options_.cert_file.empty()) {
    return;
  }
  context_ = new_context(options_);
  if (!context_) {
    throw std::runtime_error("TLS cannot be set up: " + take_tls_error().text);
  }
  made_ = true;
}

tls_context::~tls_context() = default;

void tls_context::make() const noexcept {
  if (is_made()) {
    return;
  }
  try {
    context_ = new_context(options_);
  } catch (const std::exception&) { // NOLINT(bugprone-empty-catch)
    // Of no memory, as it has no files: its sessions are null.
  }
  ERR_clear_error();
  made_.store(context_ != nullptr, std::memory_order_release);
}

ssl_ptr tls_context::new_session(const tls_peer& peer, tls_report& report) const {
  make();
  ssl_ptr ssl{context_ ? SSL_new(context_.get()) : nullptr};
  if (!ssl || SSL_set_ex_data(ssl.get(), report_index(), &report) != 1 ||
      !set_peer(ssl.get(), peer)) {
    ERR_clear_error();
    return nullptr;
  }
  report.chains = chains_;
  SSL_set_connect_state(ssl.get());
  return ssl;
}

void read_session(const ssl_st* ssl, tls_summary& out) {
  out.version = SSL_get_version(ssl);
  const char* cipher = SSL_CIPHER_get_name(SSL_get_current_cipher(ssl));
  out.cipher = cipher ? cipher : "";
}

tls_error take_tls_error() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  const char* text = ERR_SYSTEM_ERROR(code) ? std::strerror(ERR_GET_REASON(code))
                     : code                 ? ERR_reason_error_string(code)
                                            : nullptr;
  tls_error error{text ? text : "unknown error", false};
  if (code && ERR_GET_LIB(code) == ERR_LIB_SSL) {
    switch (ERR_GET_REASON(code)) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_VERSION_TOO_HIGH:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_CIPHERS_AVAILABLE:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY: error.is_protocol = true; break;
    default: break;
    }
  }
  return error;
}

} // namespace xprober::stream
