#include "xprober/net/head_lines.hpp"

#include <algorithm>

namespace xprober::net {

head_lines::piece head_lines::within(std::string_view bytes) const noexcept {
  auto line = taken_;
  for (std::size_t at = 0; line < most_; ++line) {
    const auto end = bytes.find('\n', at);
    if (end == std::string_view::npos) {
      return {bytes, false};
    }
    at = end + 1;
    if (line + 1 == most_) {
      return {bytes.substr(0, at), true};
    }
  }
  return {{}, true};
}

void head_lines::take(std::string_view bytes) noexcept {
  taken_ += static_cast<std::size_t>(std::ranges::count(bytes, '\n'));
}

} // namespace xprober::net
