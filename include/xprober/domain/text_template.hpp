#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xprober {

/// A text with fields that are filled in later: `{{name}}`, blanks around the name do not count.
/// Nothing else has a meaning in it: there are no conditions and no loops.
class text_template {
public:
  /// Nothing where a field has no end or no name; `error` says so then.
  static std::optional<text_template> parse(std::string_view text, std::string& error);

  /// The names of the fields in their order, each as often as it stands there.
  std::vector<std::string> fields() const;

  /// The text with `value(name)` in the place of each field.
  std::string fill(const std::function<std::string(std::string_view)>& value) const;

  bool operator==(const text_template&) const = default;

private:
  struct piece {
    std::string text; ///< a field's name, or what stands there
    bool is_field = false;

    bool operator==(const piece&) const = default;
  };

  std::vector<piece> pieces_;
};

} // namespace xprober
