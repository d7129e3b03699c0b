#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace xprober {

/// Two hexadecimal digits for each byte, in lower case.
std::string hex_text(std::string_view bytes);
std::string hex_text(std::span<const std::uint8_t> bytes);

/// The lowest `digits` hexadecimal digits of a number, the highest of them first: 16 are all.
std::string hex_number(std::uint64_t number, std::size_t digits = 16);

} // namespace xprober
