#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xprober/domain/address.hpp"
#include "xprober/domain/cidr.hpp"
#include "xprober/domain/host_text.hpp"
#include "xprober/domain/target.hpp"

// What the text of a target may be: one definition for what people write, on the command line and
// in configurations, for /probe, for what discovery finds and for what a server sends. The engines
// read their targets with what stands here, so that what is refused is refused before it is probed.

namespace xprober {

/// What the text of a target comes to.
struct target_reading {
  std::string problem{};           ///< what is wrong with it, for people; empty where nothing is
  std::optional<ip_block> block{}; ///< it stands for every address of this

  /// How many targets it stands for.
  std::uint64_t size() const noexcept { return block ? block->size() : 1; }
};

/// Understands the text of a target as the kind of its type does; where the type is a module whose
/// kind is not known here, as any kind would. Texts of more than `max_address_bytes` are none.
target_reading read_target(const prober_name& type, std::string_view text);

/// What targets of a type may be, for messages: "addresses, CIDR blocks and host names".
std::string_view allowed_targets(const prober_name& type) noexcept;

/// The message for a text that is no target: what is wrong and what is allowed. A user in it is not
/// shown.
std::string bad_target_text(const prober_name& type, std::string_view text,
                            std::string_view problem);

/// A target of a type for people where nobody can tell a user in it from the rest: whatever stands
/// before the last '@' of a text that is none, or that has a scheme, is hidden.
std::string without_user(const prober_name& type, std::string_view text);

/// The same for a text of which it is not known what it is.
std::string without_user(std::string_view text);

/// Targets of lists that cannot be used and are left out, while the rest of their list goes on.
struct bad_targets {
  static constexpr std::size_t most_named = 5;

  std::uint64_t count = 0;
  std::vector<std::string> first{}; ///< a `bad_target_text` of the first few

  void add(std::string message);
  /// Takes one out that is no longer in the list.
  void remove(std::string_view message);

  bool operator==(const bad_targets&) const = default;
};

/// What a target of the form `address` is.
struct address_target {
  target_host host{};
  std::optional<ip_block> block{}; ///< it is these addresses, and no host
};

/// Reads "192.0.2.1", "::1", "[::1]", "fe80::1%eth0", "10.4.0.0/24" or a host name. On failure
/// `error` says what is wrong; so for all that follow.
std::optional<address_target> parse_address_target(std::string_view text, std::string& error);

/// What a target of the form `url` is.
struct url_target {
  bool tls = false;
  target_host host{};
  std::uint16_t port = 80;
  std::optional<std::string> user{}; ///< "user:password" as written; nothing: there is no '@'
  std::string rest{};                ///< path, query and fragment as written; can be empty
};

/// Reads an http or https URL, or one without its scheme, which is then http. The last '@' before
/// the path ends the user. Path and query may hold what a URL may not, but no control characters;
/// the user has none when it is decoded, either: it could not be sent.
std::optional<url_target> parse_url_target(std::string_view text, std::string& error);

/// What a target of the form `host_port` is.
struct host_port_target {
  target_host host{};
  std::uint16_t port = 0;
};

/// Reads "host:80", "192.0.2.1:80", "[fe80::1%eth0]:80".
std::optional<host_port_target> parse_host_port_target(std::string_view text, std::string& error);

/// What a target of the form `name` is.
struct name_target {
  std::string name{};                  ///< as the DNS has it, with a final dot
  std::optional<target_host> server{}; ///< nothing: none is named
  std::uint16_t port = 0;              ///< of the server; 0: none is named
};

/// Reads NAME, NAME@SERVER or NAME@SERVER:PORT, in NAME \DDD for a byte.
std::optional<name_target> parse_name_target(std::string_view text, std::string& error);

} // namespace xprober
