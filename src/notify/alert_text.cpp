#include "xprober/notify/alert_text.hpp"

#include "xprober/domain/time_text.hpp"

namespace xprober::notify {

namespace {

/// What is counted on a side of it.
std::string_view counted_on(const incident& what, std::string_view side) {
  switch (what.ends) {
  case incident_ends::sources_and_targets: break;
  case incident_ends::regions: return "regions";
  case incident_ends::agents: return "agents";
  }
  return side;
}

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

/// With regions on both sides it is said which is which; of one that is dark they are the same.
std::string affected_text(const incident& what) {
  auto sources = side_text(what.sources, counted_on(what, "sources"));
  auto targets = side_text(what.targets, counted_on(what, "targets"));
  if (what.ends != incident_ends::sources_and_targets) {
    if (what.sources == what.targets) {
      targets.clear();
    } else if (!sources.empty() && !targets.empty()) {
      sources += " as sources";
      targets += " as targets";
    }
  }
  if (sources.empty() && targets.empty()) {
    return {};
  }
  return " Affected: " + sources + (sources.empty() || targets.empty() ? "" : ", ") + targets + ".";
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
  text += affected_text(what);
  text += " Since " + rfc3339(to_unix_seconds(what.opened));
  if (what.closed) {
    text += " until " + rfc3339(to_unix_seconds(*what.closed));
  }
  text += ".";
  if (what.merged_into != 0) {
    text += " It has not ended: it is part of incident " + std::to_string(what.merged_into) +
            " from then on.";
  }
  return text;
}

std::string incident_url(std::string_view external_url, const incident& what) {
  while (external_url.ends_with('/')) {
    external_url.remove_suffix(1);
  }
  return external_url.empty() ? std::string{}
                              : std::string{external_url} + "/incident/" + std::to_string(what.id);
}

} // namespace xprober::notify
