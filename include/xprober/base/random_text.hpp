#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>

// From OpenSSL's generator: fit for keys and secrets.
namespace xprober {

/// Throws std::runtime_error where there is no randomness.
void fill_randomly(std::span<unsigned char> out);

template <std::size_t Size>
std::array<unsigned char, Size> random_bytes() {
  std::array<unsigned char, Size> bytes{};
  fill_randomly(bytes);
  return bytes;
}

/// A secret of 256 random bits: 43 characters that need no quotes in YAML and no escape in a URL.
/// Throws as above.
std::string random_text();

} // namespace xprober
