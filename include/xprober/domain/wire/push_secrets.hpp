#pragma once

#include <optional>

#include "xprober/domain/wire/wire.hpp"

namespace xprober {

/// Agents of the old form name a target by all that was written of it, its user and the secrets of
/// its query included: the same results as agents of ours name their targets (`take_user`). Nothing
/// where no name holds any.
std::optional<push_request> without_secrets(const push_request& request);

} // namespace xprober
