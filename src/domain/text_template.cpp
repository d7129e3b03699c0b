#include "xprober/domain/text_template.hpp"

#include "xprober/domain/ascii.hpp"

namespace xprober {

std::optional<text_template> text_template::parse(std::string_view text, std::string& error) {
  constexpr std::string_view opening = "{{";
  constexpr std::string_view closing = "}}";
  text_template made;
  while (!text.empty()) {
    const auto begin = text.find(opening);
    if (begin != 0) {
      made.pieces_.push_back({std::string{text.substr(0, begin)}, false});
    }
    if (begin == text.npos) {
      break;
    }
    const auto end = text.find(closing, begin);
    if (end == text.npos) {
      error = "a field has no end: a '{{' stands there without its '}}'";
      return std::nullopt;
    }
    const auto inside = text.substr(begin + opening.size(), end - begin - opening.size());
    const auto name = ascii::trim(inside);
    if (name.empty()) {
      error = "a field has no name: '{{}}' stands there";
      return std::nullopt;
    }
    made.pieces_.push_back({std::string{name}, true});
    text.remove_prefix(end + closing.size());
  }
  return made;
}

std::vector<std::string> text_template::fields() const {
  std::vector<std::string> names;
  for (const auto& p : pieces_) {
    if (p.is_field) {
      names.push_back(p.text);
    }
  }
  return names;
}

std::string text_template::fill(const std::function<std::string(std::string_view)>& value) const {
  std::string out;
  for (const auto& p : pieces_) {
    out += p.is_field ? value(p.text) : p.text;
  }
  return out;
}

} // namespace xprober
