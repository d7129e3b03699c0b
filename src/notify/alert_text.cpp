#include "xprober/notify/alert_text.hpp"

#include "xprober/domain/time_text.hpp"

namespace xprober::notify {

namespace {

/// "37 of 40 sources"; empty where nothing is known of the side.
std::string side_text(const incident_side& side, std::string_view what) {
  if (side.affected == 0) {
    return {};
  }
  auto text = std::to_string(side.affected);
  if (side.of != 0) {
    text += " of " + std::to_string(side.of);
  }
  return text + " " + std::string{what};
}

} // namespace

incident_severity told_severity(const incident& what) noexcept {
  return what.told.value_or(what.severity);
}

std::string description(const incident& what) {
  std::string text = what.summary + ".";
  if (!what.detail.empty()) {
    text += " " + what.detail + (what.detail.ends_with('.') ? "" : ".");
  }
  const auto sources = side_text(what.sources, "sources");
  const auto targets = side_text(what.targets, "targets");
  if (!sources.empty() || !targets.empty()) {
    text +=
        " Affected: " + sources + (sources.empty() || targets.empty() ? "" : ", ") + targets + ".";
  }
  text += " Since " + rfc3339(to_unix_seconds(what.opened));
  if (what.closed) {
    text += " until " + rfc3339(to_unix_seconds(*what.closed));
  }
  return text + ".";
}

std::string incident_url(std::string_view external_url, const incident& what) {
  while (external_url.ends_with('/')) {
    external_url.remove_suffix(1);
  }
  return external_url.empty() ? std::string{}
                              : std::string{external_url} + "/incident/" + std::to_string(what.id);
}

} // namespace xprober::notify
