#include "xprober/probes/stream/shown.hpp"

#include <algorithm>

#include "xprober/domain/label_text.hpp"

namespace xprober::stream {

std::string shown(std::string_view text, std::size_t most) {
  std::string out;
  while (!text.empty()) {
    const auto length = clean_character(text);
    const auto taken = std::max<std::size_t>(length, 1);
    if (out.size() + taken > most) {
      return out + "...";
    }
    out += length > 0 ? text.substr(0, length) : std::string_view{"?"};
    text.remove_prefix(taken);
  }
  return out;
}

} // namespace xprober::stream
