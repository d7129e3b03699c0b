#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "xprober/net/http_types.hpp"

namespace xprober::net {

/// Smaller bodies are sent as they are: the header of gzip and its cost are not worth it.
inline constexpr std::size_t smallest_condensed = 1024;

/// Whether `Accept-Encoding` (RFC 9110, 12.5.3) lets an answer be gzip and does not like it less
/// than none. Without the header nothing is compressed. A weight that is no number is 0.
bool accepts_gzip(std::string_view accept_encoding);
/// The same of brotli.
bool accepts_brotli(std::string_view accept_encoding);

/// The entity tag of a body: weak, as it is the same for all codings. `W/"16 hexadecimal digits"`.
std::string entity_tag(std::string_view body);

/// Whether `If-None-Match` names the tag by weak comparison (RFC 9110, 13.1.2); `*` names each.
bool names_tag(std::string_view if_none_match, std::string_view tag);

/// Makes one member of gzip (RFC 1952) of pieces of a text, at zlib's quickest level.
class gzip_writer {
public:
  gzip_writer();
  ~gzip_writer();
  gzip_writer(const gzip_writer&) = delete;
  gzip_writer& operator=(const gzip_writer&) = delete;

  /// Appends to `out` what comes of it so far; may be nothing.
  void add(std::string_view piece, std::string& out);
  /// Appends the rest, once.
  void finish(std::string& out);

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// What a request says of the form in which its answer may be sent.
struct condense_terms {
  bool reads = false;  ///< GET or HEAD
  std::string known;   ///< If-None-Match
  std::string codings; ///< Accept-Encoding
};

condense_terms condense_terms_of(const http_request& request);

/// What saves a client from reading an answer, or from reading all of it. A body of text, or of
/// metrics as messages, that answers GET or HEAD with 200 gets an entity tag and `Accept-Encoding`
/// in `Vary`; it is left out (304) where the client has it, and compressed where the client wants
/// that. Other answers stay as they are. A MiB takes some ten milliseconds: large ones are
/// condensed on a work_thread.
http_response condense(const condense_terms& terms, http_response answer);

} // namespace xprober::net
