#pragma once

#include <map>
#include <string>
#include <string_view>

#include "xprober/probes/http/url.hpp"

namespace xprober::http {

/// What a request to `url` is made of.
struct request_parts {
  const http_url& url;
  std::string_view method;
  const std::map<std::string, std::string>& headers; ///< of the configuration
  bool private_headers = true; ///< `url` is the first host: send what is for it alone
  std::string_view cookies;    ///< value of the Cookie header; empty: none
  std::string_view user_agent;
};

/// The bytes of the request, without a body. Connection and Host are ours unless the
/// configuration names another Host for the first host. Its Authorization, Cookie, Host and
/// Proxy-Authorization go to the first host only.
std::string request_text(const request_parts& parts);

/// What is wrong with a method or the headers of a configuration, or empty: names and methods are
/// tokens (RFC 9110, section 5.6.2), values hold no control characters, and the fields that frame
/// a message (Connection, Content-Length, Transfer-Encoding, ...) are not to be set.
std::string check_request(std::string_view method,
                          const std::map<std::string, std::string>& headers);

/// Base64 (RFC 4648, section 4).
std::string base64(std::string_view bytes);

} // namespace xprober::http
