#pragma once

#include <string_view>

namespace xprober {

/// The program's version, e.g. "0.1.0".
inline constexpr const char* version = XPROBER_VERSION;

} // namespace xprober
