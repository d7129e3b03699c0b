#include "xprober/base/certificate_facts.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <memory>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "xprober/domain/hex.hpp"

namespace xprober {

namespace {

constexpr std::size_t max_names = 20;
constexpr std::size_t max_name_length = 100;
constexpr std::size_t max_subject_length = 256;

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

using sha256_digest = std::array<unsigned char, 32>;

/// "RSA 2048", "EC 256".
std::string key_text(const X509* certificate) {
  const auto* key = X509_get0_pubkey(certificate);
  const char* type = key != nullptr ? EVP_PKEY_get0_type_name(key) : nullptr;
  return type != nullptr ? std::string{type} + " " + std::to_string(EVP_PKEY_get_bits(key))
                         : std::string{};
}

} // namespace

std::optional<std::int64_t> to_unix(const asn1_string_st* time) {
  std::tm parts{};
  if (!time || ASN1_TIME_to_tm(time, &parts) != 1) {
    return std::nullopt;
  }
  return ::timegm(&parts);
}

std::string name_text(const X509_name_st* name) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out{BIO_new(BIO_s_mem()), &BIO_free};
  if (!out || !name || X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253) < 0) {
    return {};
  }
  char* data = nullptr;
  const auto length = BIO_ctrl(out.get(), BIO_CTRL_INFO, 0, static_cast<void*>(&data));
  return std::string(data, static_cast<std::size_t>(std::max(length, 0L)))
      .substr(0, max_subject_length);
}

std::vector<std::string> names_of(const x509_st* certificate) {
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

std::string fingerprint_of(const x509_st* certificate) {
  sha256_digest digest;
  unsigned length = 0;
  return X509_digest(certificate, EVP_sha256(), digest.data(), &length) == 1 ? hex_text(digest)
                                                                             : std::string{};
}

std::string fingerprint_of_der(std::string_view der) {
  sha256_digest digest;
  unsigned length = 0;
  return EVP_Digest(der.data(), der.size(), digest.data(), &length, EVP_sha256(), nullptr) == 1
             ? hex_text(digest)
             : std::string{};
}

std::vector<std::string> shown_names_of(const x509_st* certificate) {
  auto names = names_of(certificate);
  if (names.size() > max_names) {
    names.back() = "...";
  }
  return names;
}

sent_certificate facts_of(const x509_st* certificate) {
  return {name_text(X509_get_subject_name(certificate)),
          name_text(X509_get_issuer_name(certificate)),
          shown_names_of(certificate),
          to_unix(X509_get0_notBefore(certificate)).value_or(0),
          to_unix(X509_get0_notAfter(certificate)).value_or(0),
          key_text(certificate),
          fingerprint_of(certificate)};
}

std::string der_of(const x509_st* certificate) {
  unsigned char* bytes = nullptr;
  const int length = i2d_X509(certificate, &bytes);
  if (length <= 0) {
    ERR_clear_error();
    return {};
  }
  const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owner{
      bytes, [](unsigned char* p) { OPENSSL_free(p); }};
  return {bytes, bytes + length};
}

std::optional<sent_certificate> read_certificate(std::string_view der) {
  const auto* begin = reinterpret_cast<const unsigned char*>(der.data());
  const auto* at = begin;
  const std::unique_ptr<X509, decltype(&X509_free)> read{
      d2i_X509(nullptr, &at, static_cast<long>(der.size())), &X509_free};
  // Some bytes can be read and are written otherwise: the fingerprint is of those that are kept.
  if (!read || at != begin + der.size() || der_of(read.get()) != der) {
    ERR_clear_error();
    return std::nullopt;
  }
  return facts_of(read.get());
}

} // namespace xprober
