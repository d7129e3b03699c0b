#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "xprober/probes/http/url.hpp"

namespace xprober::http {

/// What a request to `url` is made of.
struct request_parts {
  const http_url& url;
  std::string_view method;
  const std::map<std::string, std::string>& headers; ///< of the configuration
  bool private_headers = true;   ///< `url` is the first host: send what is for it alone
  std::string_view cookies = {}; ///< value of the Cookie header; empty: none
  std::string_view user_agent = {};
  std::string_view authorization = {}; ///< value for the first host where the URL names no user
  std::optional<std::string_view> body = std::nullopt; ///< none: not wanted any more, or never
  bool through_proxy = false;                          ///< the target is the whole URL
  std::string_view proxy_authorization = {};
};

/// The most a body may have, in bytes.
inline constexpr std::size_t max_request_body = std::size_t{1} << 20;

/// The bytes of the request. Connection and Host are ours unless the configuration names another
/// Host for the first host. Its Host and whatever `may_hold_credentials` go to the first host only,
/// and what describes a body (Content-...) only with one. There is one Cookie header at most.
std::string request_text(const request_parts& parts);

/// The request of nearly every probe of a configuration: to the first host, with the
/// configuration's headers, and without a proxy, cookies or a user in its URL. But for host and
/// path its bytes are always the same, and are made once.
class usual_request {
public:
  /// As in `request_parts`.
  usual_request(std::string_view method, const std::map<std::string, std::string>& headers,
                std::string_view user_agent, std::string_view authorization, std::string_view body);

  /// What `request_text` gives for it. `body` is the one of the constructor.
  std::string text(const http_url& url, std::string_view body) const;

private:
  std::string start_; ///< up to the path
  bool names_host_;   ///< the URL's; else a header of the configuration does
  std::string rest_;  ///< behind the line with the host, up to the body
};

/// What is wrong with a method or the headers of a configuration, or empty: names and methods are
/// tokens (RFC 9110, section 5.6.2), no name stands twice, values hold no control characters, and
/// the fields that frame a message (Connection, Content-Length, Transfer-Encoding, ...) are not to
/// be set.
std::string check_request(std::string_view method,
                          const std::map<std::string, std::string>& headers);

/// True for methods that expect a body, which may be empty: POST, PUT, PATCH.
bool expects_body(std::string_view method) noexcept;

/// True for what may be the value of a header: no control character but the tab.
bool is_header_value(std::string_view text) noexcept;

} // namespace xprober::http
