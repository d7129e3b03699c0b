#pragma once

#include <string_view>

namespace xprober {

/// True where a whole text fits. `*` of the pattern stands for any characters, none included; the
/// case of letters counts.
bool fits_pattern(std::string_view pattern, std::string_view text) noexcept;

} // namespace xprober
