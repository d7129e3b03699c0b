#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/join_book.hpp"

// Certificates of our own, all in PEM form: ECDSA with P-256. What OpenSSL does not do, for want of
// memory or randomness, is thrown as std::runtime_error.
namespace xprober {

/// A certificate, or what asks for one, and its key.
struct made_certificate {
  std::string certificate;
  std::string key;
};

/// An authority of our own, which signs the certificates of servers and agents, for ten years.
made_certificate make_authority();

/// A server's certificate of this authority for 825 days, which is as long as clients accept one
/// (CA/Browser Forum, Baseline Requirements 6.3.2 of 2018). `names` are host names and numeric
/// addresses, at least one.
made_certificate issue_server_certificate(const made_certificate& authority,
                                          const std::vector<std::string>& names);

/// A request for a certificate (PKCS #10), with a key of its own, or with the one of a text in PEM
/// form. It names nobody: who signs it says whose it is.
made_certificate make_certificate_request();
std::optional<made_certificate> make_certificate_request(const std::string& key);

/// What somebody's request says.
struct certificate_wish {
  std::string key;     ///< SHA-256 of the public key (SubjectPublicKeyInfo in DER form), 32 bytes
  std::string problem; ///< why it cannot be signed; empty: it can
};

/// Whoever made the request has the key, which is one of P-256.
certificate_wish read_certificate_request(const std::string& request);

/// An agent's certificate for the key of a request that was read before: for clients of TLS, in
/// this name, valid from now on (and for a little before it, since clocks differ).
std::string issue_agent_certificate(const made_certificate& authority, const std::string& request,
                                    const std::string& name, std::chrono::seconds life);

/// SHA-256 of a text's first certificate in DER form; nothing where there is none.
std::optional<std::string> certificate_hash(const std::string& certificate);

/// A text's first certificate alone, written anew in PEM form; nothing where there is none. Of a
/// stranger's text this is all that `certificate_hash` speaks for: what follows it must not be
/// trusted along with it.
std::optional<std::string> first_certificate(const std::string& text);

/// The same where the certificate is for this key; else nothing.
std::optional<std::string> certificate_for_key(const std::string& text, const std::string& key);

/// When the first certificate of a text is valid; nothing where there is none.
std::optional<certificate_span> certificate_span_of(const std::string& certificate);

/// Why these are no authority that can sign; empty where they are.
std::string authority_problem(const made_certificate& authority);

/// A signature over a text with the key of an authority, and whether it is one.
std::string sign_text(const made_certificate& authority, std::string_view text);
bool has_signed(const made_certificate& authority, std::string_view text,
                std::string_view signature);

} // namespace xprober
