#include "xprober/domain/http_header.hpp"

#include <algorithm>
#include <array>

namespace xprober {

namespace {

// Of headers whose values are secrets, in small letters.
constexpr std::array<std::string_view, 9> private_words{
    "auth", "cookie", "token", "key", "secret", "passw", "credential", "session", "signature"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

} // namespace

bool may_hold_credentials(std::string_view header) noexcept {
  return std::ranges::any_of(private_words, [&](std::string_view word) {
    return !std::ranges::search(header, word, {}, lower).empty();
  });
}

bool same_header(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, lower, lower);
}

} // namespace xprober
