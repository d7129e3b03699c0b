#pragma once

#include <cstdint>
#include <vector>

namespace xprober::http {

/// True if a status counts as success: one of `valid`, or 200 to 299 where `valid` is empty.
bool accepts_status(const std::vector<std::uint16_t>& valid, std::uint16_t status) noexcept;

} // namespace xprober::http
