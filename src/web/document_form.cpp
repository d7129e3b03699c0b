#include "xprober/web/document_form.hpp"

#include <algorithm>
#include <optional>

#include "xprober/web/text.hpp"

namespace xprober::web {

namespace {

using text_list = std::initializer_list<document_text>;

constexpr std::string_view name_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";

/// The text whose name begins a rest of a line that begins with `@`; null: none does.
const document_text* named_first(std::string_view rest, text_list texts) {
  const auto end = std::min(rest.find_first_not_of(name_letters, 1), rest.size());
  if (end == rest.size() || rest[end] != '@') {
    return nullptr;
  }
  const auto* found = std::ranges::find(texts, rest.substr(1, end - 1), &document_text::name);
  return found == texts.end() ? nullptr : found;
}

/// Nothing where it names a text that is empty.
std::optional<std::string> fill_line(std::string_view line, text_list texts) {
  std::string out;
  while (!line.empty()) {
    const auto at = std::min(line.find('@'), line.size());
    out += line.substr(0, at);
    line.remove_prefix(at);
    if (line.empty()) {
      break;
    }
    if (const auto* named = named_first(line, texts)) {
      if (named->text.empty()) {
        return std::nullopt;
      }
      out += html_escape(named->text);
      line.remove_prefix(named->name.size() + 2);
    } else {
      out += '@';
      line.remove_prefix(1);
    }
  }
  return out;
}

} // namespace

std::string fill_document(std::string_view document, std::initializer_list<document_text> texts) {
  std::string out;
  while (!document.empty()) {
    const auto length = std::min(document.find('\n'), document.size() - 1) + 1;
    if (const auto line = fill_line(document.substr(0, length), texts)) {
      out += *line;
    }
    document.remove_prefix(length);
  }
  return out;
}

} // namespace xprober::web
