#include "xprober/domain/http_header.hpp"

#include <algorithm>
#include <array>

#include "xprober/domain/ascii.hpp"

namespace xprober {

namespace {

// Of headers whose values are secrets, in small letters.
constexpr std::array<std::string_view, 9> private_words{
    "auth", "cookie", "token", "key", "secret", "passw", "credential", "session", "signature"};

} // namespace

bool may_hold_credentials(std::string_view header) noexcept {
  return std::ranges::any_of(private_words, [&](std::string_view word) {
    return !std::ranges::search(header, word, {}, ascii::lower).empty();
  });
}

} // namespace xprober
