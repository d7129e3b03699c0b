#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace xprober::net {

/// What is kept of a secret to know it again: SHA-256.
using secret_hash = std::array<std::uint8_t, 32>;

secret_hash hash_secret(std::string_view secret);

/// Takes the same time whatever they are.
bool is_same_secret(const secret_hash& a, const secret_hash& b) noexcept;

} // namespace xprober::net
