#pragma once

#include <string_view>

namespace xprober {

/// True for the names of HTTP headers whose values are nobody else's to see: Authorization, Cookie,
/// X-Api-Key, X-Auth-Token and whatever else has one of the usual words in its name.
bool may_hold_credentials(std::string_view header) noexcept;

} // namespace xprober
