#pragma once

#include <cmath>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "xprober/web/text.hpp"

namespace xprober::web {

/// JSON whose keys stay in the order they were written, as people read them.
using json = nlohmann::ordered_json;

/// The text of a document, with a final line feed. Bytes that are no UTF-8 become U+FFFD, numbers
/// that JSON does not have (NaN, infinities) become null.
inline std::string json_text(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

/// A number rounded to 6 decimals; null for what JSON does not have.
inline json json_number(double value) {
  return std::isfinite(value) ? json(rounded(value)) : json(nullptr);
}

/// A single-precision number with its own shortest text; null for what JSON does not have.
inline json json_number(float value) {
  return std::isfinite(value) ? json(widen(value)) : json(nullptr);
}

/// The same of a number that may be missing: null then.
template <class Number>
json json_number(const std::optional<Number>& value) {
  return value ? json_number(*value) : json(nullptr);
}

} // namespace xprober::web
