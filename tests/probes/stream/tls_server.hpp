#pragma once

#include <functional>
#include <memory>
#include <string>

#include <openssl/ssl.h>

#include "probes/stream/certificates.hpp"
#include "probes/stream/script_server.hpp"

namespace xprober::stream::test {

struct tls_server_options {
  int max_version = TLS1_3_VERSION;
  std::shared_ptr<X509> clients_of = nullptr; ///< clients must show a certificate of this authority
  std::string body = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
  std::function<void(SSL*)> talk = nullptr; ///< in the place of a request and its answer
};

/// A script server that shakes hands with an identity, notes the server name it was asked for, and
/// answers each request with one text.
class tls_server {
public:
  explicit tls_server(const identity& who, tls_server_options options = {})
      : options_(std::move(options)), context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
    SSL_CTX_use_certificate(context_.get(), who.certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), who.key.get());
    SSL_CTX_set_max_proto_version(context_.get(), options_.max_version);
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_cipher_list(context_.get(), "ALL:@SECLEVEL=0");
    if (options_.clients_of) {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), options_.clients_of.get());
      SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                         nullptr);
    }
    // Before the server's part of the handshake: a client that is done with it may close at once.
    // Spelt out: the macros for it cast in the old style.
    SSL_CTX_callback_ctrl(context_.get(), SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                          reinterpret_cast<void (*)()>(&tls_server::note_name));
    SSL_CTX_ctrl(context_.get(), SSL_CTRL_SET_TLSEXT_SERVERNAME_ARG, 0, this);
    server_ = std::make_unique<script_server>([this](peer& client) { serve(client); });
  }

  std::string url(std::string_view host) const {
    return "https://" + server_->authority(host) + "/";
  }

  std::uint16_t port() const { return server_->port(); }

  /// What the last client named, "-" for none. Read it once its probe has ended.
  const std::string& server_name() const { return name_; }
  bool resumed() const { return resumed_; }

private:
  static int note_name(SSL* ssl, int*, void* me) {
    const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    static_cast<tls_server*>(me)->name_ = name != nullptr ? name : "-";
    return SSL_TLSEXT_ERR_OK;
  }

  void serve(peer& client) {
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl{SSL_new(context_.get()), SSL_free};
    SSL_set_fd(ssl.get(), client.fd());
    if (SSL_accept(ssl.get()) != 1) {
      return;
    }
    resumed_ = resumed_ || SSL_session_reused(ssl.get()) == 1;
    if (options_.talk) {
      options_.talk(ssl.get());
      return;
    }
    std::string request;
    char part[1024];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const int n = SSL_read(ssl.get(), part, sizeof(part));
      if (n <= 0) {
        return;
      }
      request.append(part, static_cast<std::size_t>(n));
    }
    SSL_write(ssl.get(), options_.body.data(), static_cast<int>(options_.body.size()));
  }

  tls_server_options options_;
  std::string name_;
  bool resumed_ = false;
  std::shared_ptr<SSL_CTX> context_;
  std::unique_ptr<script_server> server_;
};

} // namespace xprober::stream::test
