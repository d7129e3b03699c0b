#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/sent_chain.hpp"

struct x509_st;
struct X509_name_st; // NOLINT(readability-identifier-naming): OpenSSL's
struct asn1_string_st;

namespace xprober {

/// What a certificate says of itself. Names are cut: 20 of at most 100 bytes, then "...".
sent_certificate facts_of(const x509_st* certificate);

/// The same of one in DER form, with nothing behind it. Nothing where it is none. Takes some 20 us.
std::optional<sent_certificate> read_certificate(std::string_view der);

/// Its DER form; empty where it has none.
std::string der_of(const x509_st* certificate);

/// SHA-256 of its DER form in hexadecimal digits; empty where it cannot be had.
std::string fingerprint_of(const x509_st* certificate);

/// The same of bytes, whatever they are: to find out whether they are worth their reading.
std::string fingerprint_of_der(std::string_view der);

/// RFC 2253 with everything that is not plain ASCII escaped, 256 bytes at most.
std::string name_text(const X509_name_st* name);

/// The names and addresses a certificate is for: 20, and where there are more one more.
std::vector<std::string> names_of(const x509_st* certificate);

/// The same, the last of which says that there are more.
std::vector<std::string> shown_names_of(const x509_st* certificate);

/// Seconds since 1970; nothing where it cannot be read.
std::optional<std::int64_t> to_unix(const asn1_string_st* time);

} // namespace xprober
