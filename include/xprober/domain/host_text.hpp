#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "xprober/domain/address.hpp"

// Hosts and ports as they are written in targets, in URLs and in addresses to listen on or to
// connect to. All of these are read with what stands here, so that what is taken at one place is
// taken at another.

namespace xprober {

/// The host that a text names.
struct target_host {
  std::string
      text{}; ///< an address without brackets and zone, or a name as the DNS has it (UTS 46)
  std::string zone{}; ///< of a link-local IPv6 address: an interface's name or number
  std::optional<ip_address> address{};

  /// What is resolved or connected to: "fe80::1%eth0".
  std::string whole() const { return zone.empty() ? text : text + "%" + zone; }

  bool operator==(const target_host&) const = default;
};

/// Where a host is written.
struct host_form {
  bool in_url = false;       ///< the '%' before a zone is "%25" (RFC 6874)
  bool may_be_empty = false; ///< where one listens: on every interface
};

/// Cuts a host off the front of `text`, IPv6 addresses in brackets; what is left is empty or begins
/// with ':'. False, and `error` says what is wrong, where there is none; so for all that follow.
/// Which addresses can be used (`unusable_address`) is the caller's matter.
bool take_host(std::string_view& text, host_form form, target_host& out, std::string& error);

/// Reads an IPv6 address with or without a zone, without brackets.
bool read_ip6(std::string_view text, host_form form, target_host& out, std::string& error);

/// Reads the port behind a host, `text` being ":80"; `least` to 65535.
bool read_port(std::string_view text, std::uint16_t& port, std::string& error,
               std::uint16_t least = 1);

/// What stands behind the scheme of a URL, cut where its parts end.
struct url_cut {
  std::optional<std::string_view> user{}; ///< before the last '@'; nothing: there is none
  std::string_view authority;             ///< host and port
  std::string_view rest;                  ///< path, query and fragment; can be empty
};

url_cut cut_url(std::string_view behind_scheme) noexcept;

/// False for a user of a URL, "user:password" as written, that no header carries: decoded, it holds
/// a control character (RFC 7617, section 2).
bool can_be_sent(std::string_view user, std::string& error);

} // namespace xprober
