#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xprober::http {

/// An http or https URL, cut into what a request needs.
struct http_url {
  bool tls = false;
  std::string host;   ///< lower case; IPv6 addresses without brackets
  std::string zone{}; ///< of a link-local IPv6 address: no server is told
  std::uint16_t port = 80;
  std::string target = "/";               ///< path and query, percent-encoded
  std::optional<std::string> credentials; ///< "user:password", decoded

  /// The value of the Host header: IPv6 in brackets, the port where it is not the scheme's own.
  std::string host_header() const;
  void append_host_header(std::string& out) const;

  /// The whole URL without its credentials and with the secrets of its query hidden: for people.
  std::string text() const;

  /// The whole URL without its credentials, as proxies are asked for it (RFC 9112, section 3.2.2).
  std::string absolute_form() const;

  /// What is resolved or connected to: the host with its zone.
  std::string dialled_host() const;

  /// True if `host` is a numeric address.
  bool has_address() const;

  bool operator==(const http_url&) const = default;
};

struct url_result {
  std::optional<http_url> url;
  std::string error; ///< what is wrong and what is allowed; empty with a URL
};

/// Reads a target as an operator writes it (see `parse_url_target`): a URL, or one without its
/// scheme, which is then http.
/// Characters that a URL may not hold but that people write (blanks inside, UTF-8, brackets in a
/// query) are percent-encoded. A fragment is dropped. A host name of other scripts becomes what the
/// DNS has for it (UTS 46, not transitional). `user_info` is what `take_user` took out of the
/// URL before; null: nothing.
url_result parse_target(std::string_view target, const std::string* user_info = nullptr);

/// The URL that a Location header names, seen from the URL that was asked (RFC 3986, section 5).
url_result resolve_location(const http_url& base, std::string_view location);

/// True if what belongs to `first` alone (Authorization, Cookie and Host of the configuration, the
/// URL's user) may be sent to `next`: the same host on the same port, or its https port after
/// its http port, and never from https back to http.
bool may_share_credentials(const http_url& first, const http_url& next) noexcept;

} // namespace xprober::http
