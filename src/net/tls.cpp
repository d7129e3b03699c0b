#include "xprober/net/tls.hpp"

#include <fstream>
#include <string>

#include <boost/asio/ssl/context.hpp>

namespace xprober::net {

namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

[[noreturn]] void fail(const char* key, const std::string& file, const std::string& reason) {
  throw setup_error("rpc." + std::string{key} + ": " + file + ": " + reason);
}

void must_be_readable(const char* key, const std::string& file) {
  if (!std::ifstream{file}) {
    fail(key, file, "cannot be read: check that it exists and that this user may read it");
  }
}

std::shared_ptr<ssl::context> new_context(ssl::context::method method) {
  auto context = std::make_shared<ssl::context>(method);
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                       ssl::context::no_sslv3 | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  // An idle connection then needs no 34 KB of buffers.
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

void use_certificate(ssl::context& context, const rpc_config& config) {
  if (config.key_file.empty()) {
    fail("key_file", "(not set)", "cert_file is set, so the certificate's key is needed too");
  }
  must_be_readable("cert_file", config.cert_file);
  must_be_readable("key_file", config.key_file);
  error_code error;
  context.use_certificate_chain_file(config.cert_file, error);
  if (error) {
    fail("cert_file", config.cert_file,
         "no certificate chain in PEM form (" + error.message() + ")");
  }
  context.use_private_key_file(config.key_file, ssl::context::pem, error);
  if (error) {
    fail("key_file", config.key_file,
         "no private key in PEM form that fits " + config.cert_file + " (" + error.message() + ")");
  }
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    fail("key_file", config.key_file, "is not the key of " + config.cert_file);
  }
}

void trust(ssl::context& context, const char* key, const std::string& file) {
  must_be_readable(key, file);
  error_code error;
  context.load_verify_file(file, error);
  if (error) {
    fail(key, file, "no certificates in PEM form (" + error.message() + ")");
  }
}

} // namespace

std::shared_ptr<ssl::context> server_tls(const rpc_config& config) {
  if (config.cert_file.empty()) {
    if (!config.key_file.empty()) {
      fail("cert_file", "(not set)", "key_file is set, so its certificate is needed too");
    }
    if (!config.client_ca_file.empty()) {
      fail("cert_file", "(not set)",
           "client_ca_file is set, and without a certificate of its own this server has no TLS");
    }
    return nullptr;
  }
  auto context = new_context(ssl::context::tls_server);
  use_certificate(*context, config);
  if (!config.client_ca_file.empty()) {
    trust(*context, "client_ca_file", config.client_ca_file);
    context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  }
  return context;
}

std::shared_ptr<ssl::context> client_tls(const rpc_config& config) {
  auto context = new_context(ssl::context::tls_client);
  context->set_verify_mode(ssl::verify_peer);
  if (config.ca_file.empty()) {
    error_code error;
    context->set_default_verify_paths(error);
    if (error) {
      throw setup_error("the system's certificate store cannot be used (" + error.message() +
                        "): set rpc.ca_file");
    }
  } else {
    trust(*context, "ca_file", config.ca_file);
  }
  if (!config.cert_file.empty()) {
    use_certificate(*context, config);
  }
  return context;
}

} // namespace xprober::net
