#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xprober/domain/comma_list.hpp"
#include "xprober/domain/config.hpp"

namespace xprober::config {

/// A text as JSON, and so YAML, has it between quotes; what is no UTF-8 becomes U+FFFD.
std::string quoted_text(std::string_view text);

/// Writes lines "key: value" of one section, as people and YAML read them.
class yaml_lines {
public:
  /// Begins the section `name`.
  explicit yaml_lines(std::string_view name);

  void raw(std::string_view key, std::string_view value);
  void text(std::string_view key, std::string_view value) { raw(key, quoted_text(value)); }
  /// A text that is for nobody's eyes: whether there is one.
  void secret(std::string_view key, std::string_view value) { raw(key, secret_text(value)); }
  void flag(std::string_view key, bool value) { raw(key, value ? "true" : "false"); }
  void time(std::string_view key, milliseconds value) {
    raw(key, std::to_string(value.count()) + "ms");
  }
  template <class Integer>
  void number(std::string_view key, Integer value) {
    raw(key, std::to_string(value));
  }
  /// The name of `value` among those that the key takes.
  template <class Enum, std::size_t N>
  void choice(std::string_view key, Enum value,
              const std::pair<std::string_view, Enum> (&allowed)[N]) {
    for (const auto& [name, meant] : allowed) {
      if (meant == value) {
        raw(key, name);
      }
    }
  }
  void texts(std::string_view key, const std::vector<std::string>& values) {
    list(key, values, [](const std::string& value) { return quoted_text(value); });
  }
  template <class Values, class Show>
  void list(std::string_view key, const Values& values, Show show, std::string_view ends = "[]") {
    raw(key, ends.front() + comma_list(values, show) + ends.back());
  }

  /// `""` for an empty text, else a word in its place.
  static std::string secret_text(std::string_view value);

  std::string take() { return std::move(out_); }

private:
  std::string out_;
};

} // namespace xprober::config
