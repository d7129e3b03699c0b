#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace xprober::test {

/// A directory with an authority and certificates of it, made anew for each test:
/// ca.pem, server.pem + server.key (for localhost and 127.0.0.1), client.pem + client.key, and
/// other-ca.pem, which has signed none of them.
class test_certs {
public:
  test_certs() : dir_(make_dir()) {
    const auto authority = make_key();
    const auto ca = make("ca", authority.get(), nullptr, authority.get(), "");
    write(ca.get(), nullptr, "ca");
    issue("server", ca.get(), authority.get(), "DNS:localhost,IP:127.0.0.1");
    issue("client", ca.get(), authority.get(), "");
    const auto stranger = make_key();
    write(make("other", stranger.get(), nullptr, stranger.get(), "").get(), nullptr, "other-ca");
  }
  ~test_certs() {
    std::error_code ignored;
    std::filesystem::remove_all(dir_, ignored);
  }
  test_certs(const test_certs&) = delete;
  test_certs& operator=(const test_certs&) = delete;

  std::string path(const std::string& file) const { return dir_ + "/" + file; }

private:
  using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using cert_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

  static std::string make_dir() {
    std::string name = (std::filesystem::temp_directory_path() / "xprober-certs-XXXXXX").string();
    return ::mkdtemp(name.data()) ? name : std::string{"."};
  }

  static key_ptr make_key() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }

  static void extend(X509* cert, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
    auto* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
  }

  static cert_ptr make(const std::string& name, EVP_PKEY* key, X509* issuer, EVP_PKEY* signer,
                       const std::string& names) {
    static long serial = 1;
    cert_ptr cert{X509_new(), &X509_free};
    X509_set_version(cert.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), serial++);
    X509_gmtime_adj(X509_getm_notBefore(cert.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert.get()), 3600);
    X509_set_pubkey(cert.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(cert.get(),
                         X509_get_subject_name(issuer != nullptr ? issuer : cert.get()));
    auto* from = issuer != nullptr ? issuer : cert.get();
    extend(cert.get(), from, NID_basic_constraints,
           issuer != nullptr ? "critical,CA:FALSE" : "critical,CA:TRUE");
    if (!names.empty()) {
      extend(cert.get(), from, NID_subject_alt_name, names);
    }
    X509_sign(cert.get(), signer, EVP_sha256());
    return cert;
  }

  void issue(const std::string& name, X509* ca, EVP_PKEY* authority, const std::string& names) {
    const auto key = make_key();
    write(make(name, key.get(), ca, authority, names).get(), key.get(), name);
  }

  void write(X509* cert, EVP_PKEY* key, const std::string& name) const {
    auto* file = std::fopen(path(name + ".pem").c_str(), "w");
    PEM_write_X509(file, cert);
    std::fclose(file);
    if (key == nullptr) {
      return;
    }
    file = std::fopen(path(name + ".key").c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
  }

  std::string dir_;
};

} // namespace xprober::test
