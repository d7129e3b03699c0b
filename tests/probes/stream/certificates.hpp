#pragma once

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

namespace xprober::stream::test {

/// A key and its certificate.
struct identity {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> certificate;
};

struct certificate_wish {
  std::string alternative_names; ///< as OpenSSL writes them: "DNS:a.test,IP:127.0.0.1"
  long valid_from_s = -3600;     ///< from now
  long valid_to_s = 3600;
  bool authority = false;
};

inline void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  if (!extension) {
    throw std::runtime_error("extension " + value);
  }
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

/// Makes a certificate, signed by `issuer` or by itself.
inline identity make_identity(const std::string& name, const certificate_wish& wish,
                              const identity* issuer = nullptr) {
  identity made{{EVP_EC_gen("P-256"), EVP_PKEY_free}, {X509_new(), X509_free}};
  auto* x = made.certificate.get();
  static long serial = 1;
  X509_set_version(x, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(x), wish.valid_from_s);
  X509_gmtime_adj(X509_getm_notAfter(x), wish.valid_to_s);
  X509_set_pubkey(x, made.key.get());
  auto* subject = X509_get_subject_name(x);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  const auto& by = issuer ? *issuer : made;
  X509_set_issuer_name(x, X509_get_subject_name(by.certificate.get()));
  add_extension(x, by.certificate.get(), NID_basic_constraints,
                wish.authority ? "critical,CA:TRUE" : "CA:FALSE");
  if (!wish.alternative_names.empty()) {
    add_extension(x, by.certificate.get(), NID_subject_alt_name, wish.alternative_names);
  }
  X509_sign(x, by.key.get(), EVP_sha256());
  return made;
}

/// A file of one certificate, and with `key` of its key, in the working directory, for as long as
/// this lives.
class pem_file {
public:
  explicit pem_file(const identity& of, bool key = false)
      : path_((key ? "key." : "ca.") + std::to_string(::getpid()) + ".pem") {
    auto* file = std::fopen(path_.c_str(), "w");
    if (!file) {
      throw std::runtime_error("cannot write " + path_);
    }
    PEM_write_X509(file, of.certificate.get());
    if (key) {
      PEM_write_PrivateKey(file, of.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    }
    std::fclose(file);
  }
  ~pem_file() { std::remove(path_.c_str()); }
  pem_file(const pem_file&) = delete;
  pem_file& operator=(const pem_file&) = delete;

  const std::string& path() const { return path_; }

private:
  std::string path_;
};

} // namespace xprober::stream::test
