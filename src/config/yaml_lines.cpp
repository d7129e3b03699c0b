#include "xprober/config/yaml_lines.hpp"

#include <nlohmann/json.hpp>

namespace xprober::config {

std::string quoted_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

yaml_lines::yaml_lines(std::string_view name) { out_.append(name).append(":\n"); }

void yaml_lines::raw(std::string_view key, std::string_view value) {
  out_.append("  ").append(key).append(": ").append(value).append("\n");
}

std::string yaml_lines::secret_text(std::string_view value) {
  return value.empty() ? "\"\"" : "<secret>";
}

} // namespace xprober::config
