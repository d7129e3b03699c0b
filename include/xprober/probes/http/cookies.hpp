#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/probes/http/url.hpp"

namespace xprober::http {

/// One cookie as a jar holds it (RFC 6265, section 5.3).
struct cookie {
  std::string name;
  std::string value;
  std::string domain; ///< lower case, no leading dot
  std::string path = "/";
  bool host_only = true; ///< for `domain` alone, not for the names below it
  bool secure = false;   ///< for https alone
  std::optional<std::int64_t> expires_unix;

  bool operator==(const cookie&) const = default;
};

/// A cookie, or why it is not taken.
struct cookie_result {
  std::optional<cookie> taken;
  std::string refusal; ///< for people: its name and what is wrong; empty with a cookie
};

/// Reads the value of a Set-Cookie header that came from `from`, whose host is that of the
/// request's Host header. Not taken are one that is malformed or has a control character, one whose
/// name and value are longer than 4096 bytes (RFC 6265, section 6.1; attributes have no limit but
/// the header's), one for a domain that the host may not set (one it is not in, a public suffix
/// such as "co.uk", for an address anything but itself), and one whose name promises what its
/// attributes do not keep ("__Secure-", "__Host-").
cookie_result parse_set_cookie(std::string_view header, const http_url& from,
                               std::int64_t now_unix);

/// Reads a date of the forms that servers send (RFC 6265, section 5.1.1), as Unix seconds.
std::optional<std::int64_t> parse_cookie_date(std::string_view text);

/// The cookies of one probe, for its redirects: at most 50, the oldest go first.
class cookie_jar {
public:
  /// Takes one Set-Cookie header. An expired cookie removes the one it names.
  void set(std::string_view header, const http_url& from, std::int64_t now_unix);

  /// The value of the Cookie header for a request, longest paths first; empty: send none.
  std::string header_for(const http_url& url, std::int64_t now_unix) const;

  std::size_t size() const noexcept { return cookies_.size(); }

  /// For people: the first few that were not taken or not kept, with why. Empty where there are
  /// none.
  std::string refused() const;

private:
  void tell(std::string refusal);

  std::vector<cookie> cookies_;
  std::vector<std::string> refused_;
};

} // namespace xprober::http
