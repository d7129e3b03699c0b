#include "xprober/base/pem_files.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "xprober/base/private_files.hpp"
#include "xprober/base/read_file.hpp"

namespace xprober {

namespace {

/// The largest store of a system is 0.5 MiB.
constexpr std::uint64_t max_pem_bytes = std::uint64_t{16} << 20;

template <auto Free>
struct freed {
  template <class T>
  void operator()(T* value) const noexcept {
    Free(value);
  }
};
using bio_ptr = std::unique_ptr<BIO, freed<&BIO_free>>;
using certificate_ptr = std::unique_ptr<X509, freed<&X509_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, freed<&EVP_PKEY_free>>;

void free_all(STACK_OF(X509_INFO) * all) noexcept { sk_X509_INFO_pop_free(all, &X509_INFO_free); }
using info_list = std::unique_ptr<STACK_OF(X509_INFO), freed<&free_all>>;

/// Called for the pass phrase of an encrypted key: there is none.
int no_pass_phrase(char*, int, int, void*) { return -1; }

/// What OpenSSL says, behind what was wanted; forgets it.
std::string refused(const char* wanted) {
  const auto code = ERR_peek_error();
  const char* why = code ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return std::string{"holds no "} + wanted + " in PEM form" +
         (why ? " (" + std::string{why} + ")" : "");
}

/// A file's text as OpenSSL reads it.
struct pem_text {
  explicit pem_text(const std::string& path) : read(read_file(path, max_pem_bytes)) {
    ERR_clear_error();
    if (read.ok()) {
      bio.reset(BIO_new_mem_buf(read.text.data(), static_cast<int>(read.text.size())));
    } else {
      problem = read.error.substr(path.size() + 2); // the caller names the file
    }
  }

  read_text read;
  bio_ptr bio;
  std::string problem;
};

std::string add_certificates(X509_STORE* store, const std::string& path) {
  const pem_text text{path};
  if (!text.problem.empty()) {
    return text.problem;
  }
  const info_list found{PEM_X509_INFO_read_bio(text.bio.get(), nullptr, &no_pass_phrase, nullptr)};
  int taken = 0;
  for (int i = 0; found && i < sk_X509_INFO_num(found.get()); ++i) {
    const auto* item = sk_X509_INFO_value(found.get(), i);
    const bool fits = (!item->x509 || X509_STORE_add_cert(store, item->x509) == 1) &&
                      (!item->crl || X509_STORE_add_crl(store, item->crl) == 1);
    if (!fits) {
      return refused("certificates");
    }
    taken += item->x509 || item->crl ? 1 : 0;
  }
  if (taken == 0) {
    return refused("certificates");
  }
  ERR_clear_error();
  return {};
}

/// Those of a file, up to the first that cannot be read.
std::vector<certificate_ptr> certificates_of(const std::string& path) {
  std::vector<certificate_ptr> found;
  const pem_text text{path};
  while (text.problem.empty()) {
    certificate_ptr next{PEM_read_bio_X509_AUX(text.bio.get(), nullptr, &no_pass_phrase, nullptr)};
    if (!next) {
      break;
    }
    found.push_back(std::move(next));
  }
  ERR_clear_error();
  return found;
}

bool trusts(X509* one, X509* authority) {
  auto* key = X509_get0_pubkey(one);
  const auto* other = X509_get0_pubkey(authority);
  if (key == nullptr || other == nullptr) {
    return false;
  }
  return EVP_PKEY_eq(key, other) == 1 ||
         (X509_NAME_cmp(X509_get_subject_name(one), X509_get_issuer_name(authority)) == 0 &&
          X509_verify(authority, key) == 1);
}

} // namespace

std::string trust_file(ssl_ctx_st* context, const std::string& path) {
  return add_certificates(SSL_CTX_get_cert_store(context), path);
}

std::string check_trust_file(const std::string& path) {
  const std::unique_ptr<X509_STORE, freed<&X509_STORE_free>> store{X509_STORE_new()};
  return add_certificates(store.get(), path);
}

bool trusts_authority_of(const std::string& trusted, const std::string& authority) {
  const auto ours = certificates_of(trusted);
  const auto theirs = certificates_of(authority);
  const bool does = std::ranges::any_of(ours, [&](const auto& one) {
    return std::ranges::any_of(theirs,
                               [&](const auto& other) { return trusts(one.get(), other.get()); });
  });
  ERR_clear_error();
  return does;
}

std::string use_chain_file(ssl_ctx_st* context, const std::string& path) {
  const pem_text text{path};
  if (!text.problem.empty()) {
    return text.problem;
  }
  constexpr const char* wanted = "certificate chain";
  const certificate_ptr own{
      PEM_read_bio_X509_AUX(text.bio.get(), nullptr, &no_pass_phrase, nullptr)};
  if (!own || SSL_CTX_use_certificate(context, own.get()) != 1 ||
      SSL_CTX_clear_chain_certs(context) != 1) {
    return refused(wanted);
  }
  for (;;) {
    certificate_ptr next{PEM_read_bio_X509(text.bio.get(), nullptr, &no_pass_phrase, nullptr)};
    if (!next) {
      break;
    }
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) {
      return refused(wanted);
    }
  }
  const auto end = ERR_peek_last_error();
  if (ERR_GET_LIB(end) != ERR_LIB_PEM || ERR_GET_REASON(end) != PEM_R_NO_START_LINE) {
    return refused(wanted);
  }
  ERR_clear_error();
  return {};
}

std::string use_key_file(ssl_ctx_st* context, const std::string& path) {
  const pem_text text{path};
  if (!text.problem.empty()) {
    return text.problem;
  }
  if (others_can_write(path)) {
    return "everybody on this machine can write to it; take that away (chmod o-w)";
  }
  const key_ptr key{PEM_read_bio_PrivateKey(text.bio.get(), nullptr, &no_pass_phrase, nullptr)};
  if (key && SSL_CTX_use_PrivateKey(context, key.get()) == 1) {
    return {};
  }
  const bool encrypted = !key && text.read.text.find("ENCRYPTED") != std::string::npos;
  auto problem = refused("usable private key");
  return encrypted ? "the key is encrypted; give one without a pass phrase" : problem;
}

} // namespace xprober
