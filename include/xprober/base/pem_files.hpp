#pragma once

#include <string>

struct ssl_ctx_st;

// Files in PEM form for OpenSSL, read as every file of a configuration is: OpenSSL's own functions
// would wait for ever where a file is a pipe, and ask the terminal for a key's pass phrase. Each
// gives what is wrong with the file, empty where nothing is.
namespace xprober {

/// Certificates and revocation lists that a context trusts from now on.
std::string trust_file(ssl_ctx_st* context, const std::string& path);

/// Whether such a file can be used, before there is a context.
std::string check_trust_file(const std::string& path);

/// True where who trusts the certificates of the first file takes what those of the second have
/// signed: one of the first has the key of one of the second, or has signed it. Copies, links and
/// certificates made anew for the same key make no difference. False where one of the files cannot
/// be read.
bool trusts_authority_of(const std::string& trusted, const std::string& authority);

/// A certificate, and behind it those that have signed it.
std::string use_chain_file(ssl_ctx_st* context, const std::string& path);

/// The private key of the certificate that the context has.
std::string use_key_file(ssl_ctx_st* context, const std::string& path);

} // namespace xprober
