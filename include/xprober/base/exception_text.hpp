#pragma once

#include <exception>
#include <string>

namespace xprober {

/// What a thrown object says of itself. `thrown` is not null.
std::string exception_text(const std::exception_ptr& thrown) noexcept;

} // namespace xprober
