#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace xprober::notify {

/// JSON whose keys stay in the order they were written, as people read them.
using json = nlohmann::ordered_json;

/// The text of a document. Bytes that are no UTF-8 become U+FFFD.
inline std::string json_text(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace xprober::notify
