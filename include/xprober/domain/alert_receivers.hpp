#pragma once

#include <array>
#include <string>
#include <string_view>

#include "xprober/domain/config.hpp"

namespace xprober {

/// The name of a receiver's queue, which stays the same over restarts, over another order and
/// another password: "alertmanager:" and the URL without its user.
std::string receiver_name(const alert_receiver_config& alertmanager);

/// "webhook:" and its name, or the server of its URL and a hash of the rest, as a path can be a
/// secret.
std::string receiver_name(const webhook_config& webhook);

/// True for what a body of JSON is called: "application/json", "application/problem+json".
bool is_json_type(std::string_view content_type) noexcept;

/// What a `body` can name between `{{` and `}}`, beside `labels.NAME`.
inline constexpr auto alert_fields = std::to_array<std::string_view>(
    {"id",          "sequence",   "event",         "status",       "action",      "alertname",
     "kind",        "severity",   "summary",       "description",  "probe_type",  "reason",
     "phase",       "detail",     "opened",        "closed",       "opened_unix", "closed_unix",
     "sources",     "sources_of", "sources_names", "targets",      "targets_of",  "targets_names",
     "certificate", "labels",     "url",           "external_url", "merged_into"});

} // namespace xprober
