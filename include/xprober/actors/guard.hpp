#pragma once

#include <exception>
#include <string>
#include <string_view>

#include <caf/scheduled_actor.hpp>

namespace xprober {

/// Installs handlers for unexpected messages, DOWN messages and exceptions that log under `name`,
/// where the defaults of the framework would print to standard output. An exception ends the actor
/// with `sec::runtime_error`.
///
/// Where the actor's own behaviour has nothing for it, `ping_atom` is answered with `done_atom`: so
/// every actor can be asked whether it takes messages.
void guard_actor(caf::scheduled_actor* self, std::string_view name);

} // namespace xprober
