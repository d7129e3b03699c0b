#include "xprober/domain/wire/sentence.hpp"

#include <algorithm>

#include "xprober/domain/ascii.hpp"
#include "xprober/domain/label_text.hpp"
#include "xprober/domain/wire/batch.hpp"

namespace xprober {

namespace {

constexpr std::size_t longest_character = 4;

} // namespace

std::string_view cut_text(std::string_view text, std::size_t longest) noexcept {
  if (text.size() <= longest) {
    return text;
  }
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0U) == 0x80U) {
    --longest;
  }
  return text.substr(0, longest);
}

std::string clean_sentence(std::string_view text) {
  // Nothing becomes shorter, so what stands behind this is cut off in any case.
  text = text.substr(0, max_batch_detail + longest_character);
  std::string out;
  while (!text.empty()) {
    const auto size = clean_character(text);
    if (size > 0) {
      out += text.substr(0, size);
    } else {
      out += ascii::is_control(text.front()) ? " " : "\xEF\xBF\xBD";
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  out.resize(cut_text(out, max_batch_detail).size());
  return out;
}

} // namespace xprober
