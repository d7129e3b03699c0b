#include "xprober/base/certificate_maker.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "xprober/base/certificate_facts.hpp"
#include "xprober/base/random_text.hpp"
#include "xprober/domain/address.hpp"

namespace xprober {

namespace {

constexpr int authority_days = 3650;
constexpr int server_days = 825;
/// Clocks of those who look at it may be late.
constexpr long already_valid_seconds = 3600;
constexpr long seconds_of_day = 86'400;

using made_key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using made_x509_ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using made_bio_ptr = std::unique_ptr<BIO, decltype(&BIO_free)>;
using x509_request_ptr = std::unique_ptr<X509_REQ, decltype(&X509_REQ_free)>;
using digest_ptr = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

void need(bool done, const char* what) {
  if (!done) {
    throw std::runtime_error(std::string{"OpenSSL cannot "} + what);
  }
}

made_key_ptr new_key() {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg)
  made_key_ptr key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), &EVP_PKEY_free};
  need(key != nullptr, "make a key");
  return key;
}

made_bio_ptr new_memory() {
  made_bio_ptr memory{BIO_new(BIO_s_mem()), &BIO_free};
  need(memory != nullptr, "write to memory");
  return memory;
}

std::string text_of_memory(BIO* memory) {
  std::string text;
  std::array<char, 4096> part{};
  for (int count = BIO_read(memory, part.data(), static_cast<int>(part.size())); count > 0;
       count = BIO_read(memory, part.data(), static_cast<int>(part.size()))) {
    text.append(part.data(), static_cast<std::size_t>(count));
  }
  return text;
}

std::string pem_of(X509* certificate) {
  const auto memory = new_memory();
  need(PEM_write_bio_X509(memory.get(), certificate) == 1, "write a certificate");
  return text_of_memory(memory.get());
}

std::string pem_of(EVP_PKEY* key) {
  const auto memory = new_memory();
  need(PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
       "write a key");
  return text_of_memory(memory.get());
}

made_certificate in_pem_form(X509* certificate, EVP_PKEY* key) {
  return {pem_of(certificate), pem_of(key)};
}

made_bio_ptr memory_with(const std::string& text) {
  made_bio_ptr memory{BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
  need(memory != nullptr, "read from memory");
  return memory;
}

/// Random, so that two authorities of one name are not mixed up.
void set_serial(X509* certificate) {
  auto bytes = random_bytes<16>();
  bytes[0] = static_cast<unsigned char>(bytes[0] & 0x7FU); // else it is a negative number to some
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> number{
      BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr), &BN_free};
  need(number != nullptr &&
           BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr,
       "make a serial number");
}

void set_subject(X509* certificate, const std::string& name) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  const auto* bytes = reinterpret_cast<const unsigned char*>(name.data());
  need(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, bytes,
                                  static_cast<int>(name.size()), -1, 0) == 1,
       "name a certificate");
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> made{
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), &X509_EXTENSION_free};
  need(made != nullptr && X509_add_ext(certificate, made.get(), -1) == 1,
       "add an extension to a certificate");
}

/// All but extensions, issuer and signature.
made_x509_ptr begin_certificate(const std::string& name, EVP_PKEY* key, long seconds) {
  const auto before = std::min(already_valid_seconds, seconds / 4);
  made_x509_ptr certificate{X509_new(), &X509_free};
  need(certificate != nullptr && X509_set_version(certificate.get(), 2) == 1 && // version 3
           X509_set_pubkey(certificate.get(), key) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -before) != nullptr &&
           X509_time_adj_ex(X509_getm_notAfter(certificate.get()),
                            static_cast<int>(seconds / seconds_of_day), seconds % seconds_of_day,
                            nullptr) != nullptr,
       "make a certificate");
  set_serial(certificate.get());
  set_subject(certificate.get(), name);
  return certificate;
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) {
    text += (text.empty() ? "" : ",") + std::string{parse_ip(name) ? "IP:" : "DNS:"} + name;
  }
  return text;
}

/// Called for the pass phrase of what is encrypted: there is none.
int without_pass_phrase(char*, int, int, void*) { return -1; }

/// Null where the text holds none.
made_x509_ptr read_x509(const std::string& text) {
  const auto memory = memory_with(text);
  made_x509_ptr read{PEM_read_bio_X509(memory.get(), nullptr, &without_pass_phrase, nullptr),
                     &X509_free};
  ERR_clear_error();
  return read;
}

made_key_ptr read_private_key(const std::string& text) {
  const auto memory = memory_with(text);
  made_key_ptr read{PEM_read_bio_PrivateKey(memory.get(), nullptr, &without_pass_phrase, nullptr),
                    &EVP_PKEY_free};
  ERR_clear_error();
  return read;
}

x509_request_ptr read_x509_request(const std::string& text) {
  const auto memory = memory_with(text);
  x509_request_ptr read{PEM_read_bio_X509_REQ(memory.get(), nullptr, &without_pass_phrase, nullptr),
                        &X509_REQ_free};
  ERR_clear_error();
  return read;
}

/// An authority for signing.
struct signing_authority {
  explicit signing_authority(const made_certificate& authority)
      : issuer(read_x509(authority.certificate)), signer(read_private_key(authority.key)) {
    need(issuer != nullptr && signer != nullptr, "read the authority");
  }

  /// Adds what all certificates for an end have, and signs.
  void finish(X509* own, const char* use) const {
    need(X509_set_issuer_name(own, X509_get_subject_name(issuer.get())) == 1, "name an issuer");
    add_extension(own, issuer.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(own, issuer.get(), NID_key_usage, "critical,digitalSignature");
    add_extension(own, issuer.get(), NID_ext_key_usage, use);
    add_extension(own, issuer.get(), NID_subject_key_identifier, "hash");
    add_extension(own, issuer.get(), NID_authority_key_identifier, "keyid");
    need(X509_sign(own, signer.get(), EVP_sha256()) > 0, "sign a certificate");
  }

  made_x509_ptr issuer;
  made_key_ptr signer;
};

bool is_p256(const EVP_PKEY* key) {
  std::array<char, 32> group{};
  std::size_t length = 0;
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) == 1 &&
         std::string_view{group.data(), length} == SN_X9_62_prime256v1;
}

/// SHA-256 of what OpenSSL writes in DER form.
template <class T, class Write>
std::string hash_of_der(T* value, Write write) {
  unsigned char* der = nullptr;
  const int length = write(value, &der);
  need(length > 0, "write in DER form");
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  ::SHA256(der, static_cast<std::size_t>(length), hash.data());
  OPENSSL_free(der);
  return {hash.begin(), hash.end()};
}

const unsigned char* bytes_in(std::string_view text) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  return reinterpret_cast<const unsigned char*>(text.data());
}

made_certificate request_with(EVP_PKEY* key) {
  const x509_request_ptr request{X509_REQ_new(), &X509_REQ_free};
  need(request != nullptr && X509_REQ_set_pubkey(request.get(), key) == 1 &&
           X509_REQ_sign(request.get(), key, EVP_sha256()) > 0,
       "make a request for a certificate");
  const auto memory = new_memory();
  need(PEM_write_bio_X509_REQ(memory.get(), request.get()) == 1,
       "write a request for a certificate");
  return {text_of_memory(memory.get()), pem_of(key)};
}

} // namespace

made_certificate make_authority() {
  const auto key = new_key();
  const auto certificate =
      begin_certificate("xprober authority", key.get(), authority_days * seconds_of_day);
  auto* own = certificate.get();
  need(X509_set_issuer_name(own, X509_get_subject_name(own)) == 1, "name an issuer");
  add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(own, own, NID_subject_key_identifier, "hash");
  need(X509_sign(own, key.get(), EVP_sha256()) > 0, "sign a certificate");
  return in_pem_form(own, key.get());
}

made_certificate issue_server_certificate(const made_certificate& authority,
                                          const std::vector<std::string>& names) {
  const signing_authority by{authority};
  const auto key = new_key();
  const auto own = begin_certificate("xprober server", key.get(), server_days * seconds_of_day);
  add_extension(own.get(), by.issuer.get(), NID_subject_alt_name, alternative_names(names));
  by.finish(own.get(), "serverAuth");
  return in_pem_form(own.get(), key.get());
}

made_certificate make_certificate_request() { return request_with(new_key().get()); }

std::optional<made_certificate> make_certificate_request(const std::string& key) {
  const auto read = read_private_key(key);
  return read && is_p256(read.get()) ? std::optional{request_with(read.get())} : std::nullopt;
}

certificate_wish read_certificate_request(const std::string& request) {
  const auto read = read_x509_request(request);
  auto* key = read ? X509_REQ_get0_pubkey(read.get()) : nullptr;
  certificate_wish wish;
  if (key == nullptr) {
    wish.problem = "there is no request for a certificate in PEM form (PKCS #10)";
  } else if (!is_p256(key)) {
    wish.problem = "the request is for another key than one of P-256";
  } else if (X509_REQ_verify(read.get(), key) != 1) {
    wish.problem = "the request for a certificate is not signed with its own key";
  } else {
    wish.key =
        hash_of_der(key, [](EVP_PKEY* of, unsigned char** out) { return i2d_PUBKEY(of, out); });
  }
  ERR_clear_error();
  return wish;
}

std::string issue_agent_certificate(const made_certificate& authority, const std::string& request,
                                    const std::string& name, std::chrono::seconds life) {
  const signing_authority by{authority};
  const auto read = read_x509_request(request);
  need(read != nullptr, "read a request for a certificate");
  const auto own =
      begin_certificate(name, X509_REQ_get0_pubkey(read.get()), static_cast<long>(life.count()));
  by.finish(own.get(), "clientAuth");
  return pem_of(own.get());
}

std::optional<std::string> certificate_hash(const std::string& certificate) {
  const auto read = read_x509(certificate);
  return read ? std::optional{hash_of_der(
                    read.get(), [](X509* of, unsigned char** out) { return i2d_X509(of, out); })}
              : std::nullopt;
}

std::optional<std::string> first_certificate(const std::string& text) {
  const auto read = read_x509(text);
  return read ? std::optional{pem_of(read.get())} : std::nullopt;
}

std::optional<std::string> certificate_for_key(const std::string& text, const std::string& key) {
  const auto read = read_x509(text);
  const auto own = read_private_key(key);
  const bool fits = read && own && X509_check_private_key(read.get(), own.get()) == 1;
  ERR_clear_error();
  return fits ? std::optional{pem_of(read.get())} : std::nullopt;
}

std::optional<certificate_span> certificate_span_of(const std::string& certificate) {
  const auto read = read_x509(certificate);
  const auto begin = read ? to_unix(X509_get0_notBefore(read.get())) : std::nullopt;
  const auto end = read ? to_unix(X509_get0_notAfter(read.get())) : std::nullopt;
  return begin && end ? std::optional{certificate_span{*begin, *end}} : std::nullopt;
}

std::string authority_problem(const made_certificate& authority) {
  const auto certificate = read_x509(authority.certificate);
  const auto key = read_private_key(authority.key);
  if (!certificate) {
    return "there is no certificate in PEM form";
  }
  if (!key) {
    return "there is no private key in PEM form without a pass phrase";
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return "the key is not the certificate's";
  }
  return X509_check_ca(certificate.get()) != 0 ? std::string{}
                                               : "the certificate is not that of an authority";
}

std::string sign_text(const made_certificate& authority, std::string_view text) {
  const auto key = read_private_key(authority.key);
  const digest_ptr digest{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
  std::size_t length = 0;
  need(key != nullptr && digest != nullptr &&
           EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
           EVP_DigestSign(digest.get(), nullptr, &length, bytes_in(text), text.size()) == 1,
       "sign");
  std::string signature(length, '\0');
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  auto* into = reinterpret_cast<unsigned char*>(signature.data());
  need(EVP_DigestSign(digest.get(), into, &length, bytes_in(text), text.size()) == 1, "sign");
  signature.resize(length);
  return signature;
}

bool has_signed(const made_certificate& authority, std::string_view text,
                std::string_view signature) {
  const auto certificate = read_x509(authority.certificate);
  const digest_ptr digest{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
  need(certificate != nullptr && digest != nullptr, "read the authority");
  const bool is = EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr,
                                       X509_get0_pubkey(certificate.get())) == 1 &&
                  EVP_DigestVerify(digest.get(), bytes_in(signature), signature.size(),
                                   bytes_in(text), text.size()) == 1;
  ERR_clear_error();
  return is;
}

} // namespace xprober
