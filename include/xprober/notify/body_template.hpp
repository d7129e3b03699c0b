#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "xprober/domain/text_template.hpp"
#include "xprober/storage/incident_file.hpp"

namespace xprober::notify {

/// What a field of a body is for a notice: one of `alert_fields`, or `labels.NAME`, which is empty
/// where the incident has no such label. Nothing for any other name.
std::optional<std::string> field_value(std::string_view name, const storage::queued_notice& notice,
                                       std::string_view external_url);

/// The body of a webhook as its configuration has it.
class body_template {
public:
  /// `is_json`: what is filled in is escaped as a text of JSON.
  body_template(text_template text, bool is_json) : text_(std::move(text)), json_(is_json) {}

  std::string fill(const storage::queued_notice& notice, std::string_view external_url) const;

private:
  text_template text_;
  bool json_;
};

} // namespace xprober::notify
