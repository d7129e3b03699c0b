#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "xprober/domain/probe_result.hpp"
#include "xprober/resolver/resolver.hpp"

namespace xprober::dns {

/// What c-ares said of one family of a name.
struct family_answer {
  bool done = false;
  int status = 0; ///< an `ARES_*` code or a `status_of_rcode`, valid once done
  std::vector<boost::asio::ip::address> addresses;
  std::optional<std::chrono::seconds> ttl; ///< how long it may be kept; nothing: not at all
};

/// The status of an answer with a response code that c-ares knows no status for, 6 to 15.
int status_of_rcode(int rcode) noexcept;

/// The error of a status; `none` for success.
probe_error error_of_status(int status) noexcept;

/// The text for people, e.g. "db.example: no such name".
std::string describe(std::string_view host, int status);

/// One answer of two: addresses of either family are a success, the preferred family's first.
/// Without any, the worst of the two counts: a server's failure or silence over an empty answer,
/// an empty answer over "no such name". A family that is not done yet counts as silence.
resolve_answer merge(std::string_view host, ip_family preferred, const family_answer& ip4,
                     const family_answer& ip6);

/// How long the merged answer may be kept, before any bound: the smallest TTL of its addresses, or
/// of two negative answers. Nothing where a failure decided it: an answer is not kept that lacks
/// the preferred family because its server failed, nor "no address" where one family is unknown.
std::optional<std::chrono::seconds> lifetime(ip_family preferred, const family_answer& ip4,
                                             const family_answer& ip6);

} // namespace xprober::dns
