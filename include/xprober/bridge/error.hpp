#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <caf/error.hpp>
#include <caf/fwd.hpp>

namespace xprober::bridge {

/// Why a call to the other side, or a question to an actor of this one, has no answer.
enum class ec : std::uint8_t {
  unreachable = 1, ///< no server of the list could be connected to
  connection_lost, ///< the connection ended before the answer
  timeout,         ///< no answer in time
  protocol,        ///< the peer does not speak the protocol
  remote,          ///< the server answered with an error; the context is its text
  bad_message,     ///< the answer could not be decoded
  overloaded,      ///< too many calls are outstanding
  too_large,       ///< the message is above the limit
  shutdown,        ///< this side is ending
};

/// The code's name in words, e.g. "connection lost".
std::string_view to_string(ec code) noexcept;

/// An error with its code and a text for people. Found by CAF through the enumeration.
caf::error make_error(ec code);
caf::error make_error(ec code, std::string text);

/// True if `error` is of this category and has this code.
bool is(const caf::error& error, ec code) noexcept;

/// The text of an error of any category, for logs and answers; never empty.
std::string error_text(const caf::error& error);

/// Makes the actor system render this category. Call it once on the configuration.
void register_errors(caf::actor_system_config& config);

} // namespace xprober::bridge
