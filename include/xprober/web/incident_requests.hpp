#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "xprober/actors/messages/incidents.hpp"
#include "xprober/net/http_types.hpp"
#include "xprober/web/json.hpp"

// What people ask of incidents and mutes. On something bad the value is empty, and `problem` names
// the parameter or key and says what is allowed.
namespace xprober::web {

/// The most incidents of one answer: each has a timeline of a hundred entries at most.
inline constexpr std::size_t max_incident_page = 1000;

/// The largest body of a request that changes something.
inline constexpr std::size_t max_json_body = 64 * 1024;

/// The longest that a mute lasts.
inline constexpr std::int64_t longest_mute_s = 366 * 86'400;

/// Reads `state` (`open` or `closed`), `since` (open then or opened later), `sort` (`newest` or
/// `severity`), `limit` and `cursor`; and of `incident_filter` `kind`, `severity`, `probe_type` and
/// `reason`, each one or several values separated by commas, `region`, `target`, `source` and
/// `label.NAME`.
std::optional<storage::incident_query> read_incident_query(const net::query_params& query,
                                                           std::int64_t now, std::string& problem);

/// What goes on behind a page: `before`, with the worst first after `from` and a dot.
std::string incident_cursor(const storage::incident_page& page);

/// The object in the body of a request, which must say that it is `application/json`: a page of
/// another site cannot make a browser send that without asking first. On a bad one nothing, and
/// `problem` is the answer.
std::optional<json> read_json_body(const net::http_request& request, net::http_response& problem);

/// False where an object has other keys than these.
bool only_keys(const json& body, std::initializer_list<std::string_view> allowed,
               std::string& problem);

/// Reads a text of an object, clean and of at most `most` bytes; a required one is not empty. False
/// where it is wrong.
bool read_text_key(const json& body, const std::string& key, std::size_t most, bool required,
                   std::string& out, std::string& problem);

/// Reads `{"by": …, "note": …}`.
std::optional<acknowledgement> read_acknowledgement(const json& body, wall_time now,
                                                    std::string& problem);

/// Reads `{"matchers": [{"field": …, "value": …}] or {"FIELD": "VALUE"}, "until": … or "for": "2h",
/// "by": …, "why": …}`; `until` is in Unix seconds or RFC 3339. The mute begins now.
std::optional<mute> read_mute(const json& body, wall_time now, std::string& problem);

} // namespace xprober::web
