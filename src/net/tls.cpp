#include "xprober/net/tls.hpp"

#include <algorithm>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "xprober/base/pem_files.hpp"

namespace xprober::net {

namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

/// What a message calls a file.
std::string name_of(const tls_files& files, std::string key) {
  if (files.section == "--") {
    std::ranges::replace(key, '_', '-');
  }
  return files.section + key;
}

/// One of the files, and what is wrong with it.
struct named_file {
  named_file(const tls_files& files, const char* key, const std::string& file)
      : name(name_of(files, key)), path(file) {}

  [[noreturn]] void fail(const std::string& reason) const {
    throw setup_error(name + ": " + (path.empty() ? "(not set)" : path) + ": " + reason);
  }

  /// `problem` is of the file's content, empty where there is none.
  void check(const std::string& problem) const {
    if (!problem.empty()) {
      fail(problem);
    }
  }

  std::string name;
  std::string path;
};

std::shared_ptr<ssl::context> new_context(ssl::context::method method) {
  auto context = std::make_shared<ssl::context>(method);
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                       ssl::context::no_sslv3 | ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  // An idle connection then needs no 34 KB of buffers.
  SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

void use_certificate(ssl::context& context, const tls_files& files) {
  const named_file certificate{files, "cert_file", files.cert_file};
  const named_file key{files, "key_file", files.key_file};
  if (key.path.empty()) {
    key.fail("cert_file is set, so the certificate's key is needed too");
  }
  certificate.check(use_chain_file(context.native_handle(), certificate.path));
  if (const auto problem = use_key_file(context.native_handle(), key.path); !problem.empty()) {
    key.fail(problem + "; wanted is the key of " + certificate.path);
  }
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    key.fail("is not the key of " + certificate.path);
  }
}

void trust(ssl::context& context, const named_file& authority) {
  authority.check(trust_file(context.native_handle(), authority.path));
}

} // namespace

tls_files files_of(const rpc_config& config) {
  return {.ca_file = config.ca_file,
          .cert_file = config.cert_file,
          .key_file = config.key_file,
          .client_ca_file = config.client_ca_file,
          .join_ca_file = config.join_ca_file,
          .section = "rpc.",
          // Who joins has no certificate yet.
          .client_certificate_optional = !config.join_ca_file.empty()};
}

tls_files files_of(const web_config& config) {
  return {.ca_file = {},
          .cert_file = config.cert_file,
          .key_file = config.key_file,
          .client_ca_file = config.client_ca_file,
          .section = "web.",
          .client_certificate_optional = true};
}

std::shared_ptr<ssl::context> server_tls(const tls_files& files) {
  if (files.cert_file.empty()) {
    const named_file certificate{files, "cert_file", files.cert_file};
    if (!files.key_file.empty()) {
      certificate.fail("key_file is set, so its certificate is needed too");
    }
    if (!files.client_ca_file.empty()) {
      certificate.fail(
          "client_ca_file is set, and without a certificate of its own this server has no TLS");
    }
    return nullptr;
  }
  auto context = new_context(ssl::context::tls_server);
  use_certificate(*context, files);
  const bool has_clients = !files.client_ca_file.empty();
  const bool has_joined = !files.join_ca_file.empty();
  if (has_clients) {
    trust(*context, {files, "client_ca_file", files.client_ca_file});
  }
  if (has_joined && files.join_ca_file != files.client_ca_file) {
    trust(*context, {files, "join_ca_file", files.join_ca_file});
  }
  if (has_clients || has_joined) {
    context->set_verify_mode(files.client_certificate_optional
                                 ? ssl::verify_peer
                                 : ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
    // Without a name of its own OpenSSL ends every resumed session of who is asked for one.
    static constexpr unsigned char name[] = {'x', 'p', 'r', 'o', 'b', 'e', 'r'};
    SSL_CTX_set_session_id_context(context->native_handle(), name, sizeof name);
  }
  return context;
}

std::shared_ptr<ssl::context> client_tls(const tls_files& files) {
  auto context = new_context(ssl::context::tls_client);
  context->set_verify_mode(files.insecure_skip_verify ? ssl::verify_none : ssl::verify_peer);
  if (files.ca_file.empty()) {
    error_code error;
    context->set_default_verify_paths(error);
    if (error) {
      throw setup_error("the system's certificate store cannot be used (" + error.message() +
                        "): set " + name_of(files, "ca_file"));
    }
  } else {
    trust(*context, {files, "ca_file", files.ca_file});
  }
  if (!files.cert_file.empty()) {
    use_certificate(*context, files);
  }
  return context;
}

} // namespace xprober::net
