#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "xprober/domain/cidr.hpp"
#include "xprober/domain/target.hpp"

// What the text of a target may be: one definition for what people write, what discovery finds and
// what a server sends.

namespace xprober {

/// What the text of a target comes to.
struct target_reading {
  std::string problem;           ///< what is wrong with it, for people; empty where nothing is
  std::optional<ip_block> block; ///< it stands for every address of this

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

/// HOST:PORT: what a target of the form `host_port` is. The host can be a name with letters of
/// other scripts, which has another form in the DNS. On failure `error` says what is wrong.
std::optional<host_port> parse_host_port_target(std::string_view text, std::string& error);

/// NAME, NAME@SERVER or NAME@SERVER:PORT: what a target of the form `name` is.
struct name_target {
  std::string name;       ///< as it is written; not checked for what the DNS takes
  std::string server;     ///< an address without brackets or a host name; empty: none is named
  std::uint16_t port = 0; ///< 0: none is named
};

/// On failure `error` says what is wrong.
std::optional<name_target> parse_name_target(std::string_view text, std::string& error);

} // namespace xprober
