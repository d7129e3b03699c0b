#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace xprober::web {

/// A text for `@NAME@` of a document.
struct document_text {
  std::string_view name; ///< capital letters and `_`
  std::string_view text; ///< any bytes
};

/// A document with its texts in their places, escaped for text and for attributes in double quotes.
/// A line that names a text that is empty is left out. What is in a text names nothing, and a name
/// that has no text stays as it is.
std::string fill_document(std::string_view document, std::initializer_list<document_text> texts);

} // namespace xprober::web
