#pragma once

#include <string>

#include <caf/error.hpp>
#include <caf/fwd.hpp>

namespace xprober {

/// The sentence in an error, for people: the text that came with it, or what a code of CAF's own
/// means ("no answer in time"). Empty for a bare code of another category.
std::string error_sentence(const caf::error& error);

/// The same; what has a category of its own is rendered as that says. Never empty.
std::string error_text(caf::actor_system& system, const caf::error& error);

} // namespace xprober
