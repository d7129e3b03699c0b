#include "xprober/notify/body_template.hpp"

#include <algorithm>
#include <iterator>

#include "xprober/domain/comma_list.hpp"
#include "xprober/domain/time_text.hpp"
#include "xprober/notify/alert_text.hpp"
#include "xprober/notify/json.hpp"

namespace xprober::notify {

namespace {

using storage::queued_notice;

/// What a field says of a notice, and of the address of this server's pages.
struct body_field {
  std::string_view name;
  std::string (*value)(const queued_notice& notice, std::string_view external_url);
};

std::string whole_seconds(wall_time at) { return std::to_string(to_unix_seconds(at)); }

std::string joined_labels(const std::vector<incident_label>& labels) {
  return comma_list(labels, [](const incident_label& label) {
    const auto& [name, value] = label;
    return name + "=" + value;
  });
}

bool is_over(const queued_notice& n) { return n.notice == incident_notice::closed; }

/// As `alert_fields` has them.
constexpr body_field fields[] = {
    {"id", [](const queued_notice& n, std::string_view) { return std::to_string(n.what.id); }},
    {"sequence",
     [](const queued_notice& n, std::string_view) { return std::to_string(n.sequence); }},
    {"event",
     [](const queued_notice& n, std::string_view) { return std::string{to_string(n.notice)}; }},
    // As Alertmanager calls it.
    {"status", [](const queued_notice& n,
                  std::string_view) { return std::string{is_over(n) ? "resolved" : "firing"}; }},
    // As PagerDuty's event_action.
    {"action", [](const queued_notice& n,
                  std::string_view) { return std::string{is_over(n) ? "resolve" : "trigger"}; }},
    {"alertname",
     [](const queued_notice& n, std::string_view) { return std::string{alert_name(n.what)}; }},
    {"kind",
     [](const queued_notice& n, std::string_view) { return std::string{to_string(n.what.kind)}; }},
    {"severity", [](const queued_notice& n,
                    std::string_view) { return std::string{to_string(told_severity(n.what))}; }},
    {"summary", [](const queued_notice& n, std::string_view) { return n.what.summary; }},
    {"description", [](const queued_notice& n, std::string_view) { return description(n.what); }},
    {"probe_type", [](const queued_notice& n, std::string_view) { return n.what.probe_type; }},
    {"reason", [](const queued_notice& n, std::string_view) { return n.what.reason; }},
    {"phase", [](const queued_notice& n, std::string_view) { return n.what.phase; }},
    {"detail", [](const queued_notice& n, std::string_view) { return n.what.detail; }},
    {"opened", [](const queued_notice& n,
                  std::string_view) { return rfc3339(to_unix_seconds(n.what.opened)); }},
    {"closed",
     [](const queued_notice& n, std::string_view) {
       return n.what.closed ? rfc3339(to_unix_seconds(*n.what.closed)) : std::string{};
     }},
    {"merged_into",
     [](const queued_notice& n, std::string_view) {
       return n.what.merged_into == 0 ? std::string{} : std::to_string(n.what.merged_into);
     }},
    {"opened_unix",
     [](const queued_notice& n, std::string_view) { return whole_seconds(n.what.opened); }},
    {"closed_unix",
     [](const queued_notice& n, std::string_view) {
       return n.what.closed ? whole_seconds(*n.what.closed) : std::string{"null"};
     }},
    {"sources", [](const queued_notice& n,
                   std::string_view) { return std::to_string(n.what.sources.affected); }},
    {"sources_of",
     [](const queued_notice& n, std::string_view) { return std::to_string(n.what.sources.of); }},
    {"sources_names",
     [](const queued_notice& n, std::string_view) { return comma_list(n.what.sources.names); }},
    {"targets", [](const queued_notice& n,
                   std::string_view) { return std::to_string(n.what.targets.affected); }},
    {"targets_of",
     [](const queued_notice& n, std::string_view) { return std::to_string(n.what.targets.of); }},
    {"targets_names",
     [](const queued_notice& n, std::string_view) { return comma_list(n.what.targets.names); }},
    {"certificate", [](const queued_notice& n, std::string_view) { return n.what.certificate; }},
    {"labels",
     [](const queued_notice& n, std::string_view) { return joined_labels(n.what.labels); }},
    {"url", [](const queued_notice& n, std::string_view u) { return incident_url(u, n.what); }},
    {"external_url", [](const queued_notice&, std::string_view u) { return std::string{u}; }},
};

/// Between the quotes of JSON.
std::string escaped(const std::string& text) {
  const auto quoted = json_text(json(text));
  return quoted.substr(1, quoted.size() - 2);
}

} // namespace

std::optional<std::string> field_value(std::string_view name, const queued_notice& notice,
                                       std::string_view external_url) {
  const auto known = std::ranges::find(fields, name, &body_field::name);
  if (known != std::end(fields)) {
    return known->value(notice, external_url);
  }
  constexpr std::string_view of_label = "labels.";
  if (!name.starts_with(of_label)) {
    return std::nullopt;
  }
  const auto wanted = name.substr(of_label.size());
  const auto& labels = notice.what.labels;
  const auto label = std::ranges::find(labels, wanted, &incident_label::first);
  return label == labels.end() ? std::string{} : label->second;
}

std::string body_template::fill(const queued_notice& notice, std::string_view external_url) const {
  return text_.fill([&](std::string_view name) {
    const auto value = field_value(name, notice, external_url).value_or("");
    return json_ ? escaped(value) : value;
  });
}

} // namespace xprober::notify
