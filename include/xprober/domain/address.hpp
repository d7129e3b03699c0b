#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xprober {

/// An IPv4 or IPv6 address without a zone.
struct ip_address {
  std::array<std::uint8_t, 16> bytes{}; ///< network order; IPv4 has the first four
  bool v6 = false;

  /// 32 or 128.
  int bits() const noexcept { return v6 ? 128 : 32; }

  auto operator<=>(const ip_address&) const = default;
};

/// Reads "192.0.2.1" or "2001:db8::1"; nothing for anything else (no zone, no brackets, no port).
std::optional<ip_address> parse_ip(std::string_view text);

/// The usual short form.
std::string to_string(const ip_address& address);

/// True for fe80::/10: which host it is depends on the interface.
bool is_link_local_ip6(const ip_address& address) noexcept;

/// Why no host can be probed at an address, as in "0.0.0.0 is the unspecified address, ..."; empty
/// where one can. A link-local IPv6 address needs its zone.
std::string unusable_address(const ip_address& address, bool has_zone);

/// True for what the DNS or a hosts file can hold: labels of letters, digits, '-' and '_', at most
/// 63 bytes each, 253 in all, a final dot allowed. A name of digits and dots alone is none: it is
/// a mistyped address.
bool is_host_name(std::string_view text) noexcept;

/// True for a name with letters of other scripts, in UTF-8: it has another form in the DNS.
bool is_international_name(std::string_view text) noexcept;

/// Where something listens or is to be reached.
struct host_port {
  std::string host; ///< name as the DNS has it, or address without brackets, with its zone as in
                    ///< "fe80::1%eth0"; empty: every interface
  std::uint16_t port = 0;

  bool operator==(const host_port&) const = default;
};

/// Reads "host:port", "192.0.2.1:80", "[::1]:80", "[fe80::1%eth0]:80" or ":80". On failure `error`
/// says what is wrong.
std::optional<host_port> parse_host_port(std::string_view text, std::string& error);

/// Reads a numeric address that may have a port, else `default_port`: "192.0.2.1",
/// "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:53". Refuses, as `parse_url` does, what no host
/// can have (`unusable_address`), and link-local addresses. On failure `error` says what is wrong.
std::optional<host_port> parse_address_port(std::string_view text, std::uint16_t default_port,
                                            std::string& error);

/// "host:port", with brackets around an IPv6 address.
std::string to_string(const host_port& address);

/// The length of "scheme://" that a URL begins with, whatever the scheme is; 0 where it begins with
/// none, as in "host:80/?next=http://other/".
std::size_t scheme_prefix(std::string_view url) noexcept;

/// The parts of an absolute URL with an authority.
struct url_parts {
  std::string scheme;   ///< lower case
  std::string userinfo; ///< what stands before '@'
  std::string host;     ///< name as the DNS has it, or address without brackets and zone
  std::optional<std::uint16_t> port;
  std::string target; ///< path and query as written; empty if there are none
  std::string zone{}; ///< of a link-local IPv6 address

  /// What is resolved or connected to: "fe80::1%eth0".
  std::string whole_host() const { return zone.empty() ? host : host + "%" + zone; }

  bool operator==(const url_parts&) const = default;
};

/// Reads "scheme://[userinfo@]host[:port][/path][?query][#fragment]". Checks the host and the port
/// and that there are no blanks or control characters; an address must be one that a host can have,
/// see `unusable_address`. Which schemes are allowed is the caller's matter. On failure `error`
/// says what is wrong.
std::optional<url_parts> parse_url(std::string_view text, std::string& error);

} // namespace xprober
