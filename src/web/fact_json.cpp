#include "xprober/web/fact_json.hpp"

#include <utility>

namespace xprober::web {

void fact_json::put(std::string_view key, json value) {
  auto& inside = open_.back().second;
  if (inside.is_array()) {
    inside.push_back(std::move(value));
  } else {
    inside[std::string{key}] = std::move(value);
  }
}

void fact_json::number(std::string_view key, std::optional<double> value) {
  // What came from a float is told with its shortest text, not rounded.
  const bool is_float = value && widen(static_cast<float>(*value)) == *value;
  put(key, is_float ? json(*value) : json_number(value));
}

void fact_json::whole(std::string_view key, std::optional<std::int64_t> value) {
  put(key, value ? json(*value) : json(nullptr));
}

void fact_json::text(std::string_view key, std::optional<std::string_view> value) {
  put(key, value ? json(*value) : json(nullptr));
}

void fact_json::flag(std::string_view key, bool value) { put(key, value); }

void fact_json::texts(std::string_view key, std::span<const std::string> values) {
  json list = json::array();
  for (const auto& value : values) {
    list.push_back(value);
  }
  put(key, std::move(list));
}

void fact_json::begin(std::string_view key) { open_.emplace_back(key, json::object()); }

void fact_json::begin_list(std::string_view key) { open_.emplace_back(key, json::array()); }

void fact_json::end() {
  auto [key, value] = std::move(open_.back());
  open_.pop_back();
  put(key, std::move(value));
}

void fact_json::nothing(std::string_view key) { put(key, nullptr); }

json fact_json::take() { return std::exchange(open_.front().second, json::object()); }

} // namespace xprober::web
