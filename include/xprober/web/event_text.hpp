#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "xprober/actors/messages/incidents.hpp"

// `/api/v1/events` as text/event-stream
// (https://html.spec.whatwg.org/multipage/server-sent-events.html).
namespace xprober::web {

/// Where a reader is: the run of the server, and an event of it.
struct event_place {
  std::string run;
  std::uint64_t number = 0;

  bool operator==(const event_place&) const = default;
};

/// `RUN-NUMBER`, the id of an event.
std::string event_id(const event_place& place);

/// Reads it; nothing for another text.
std::optional<event_place> parse_event_id(std::string_view id);

/// "incident", "agent" or "states".
std::string_view event_name(const event_record& record) noexcept;

/// One line of JSON. `incident`: as in `/api/v1/incidents`, without its timeline. `agent`: as in
/// `/api/v1/agents`. `states`: `{kind, states: {ok: 12, failing: 1, …}}`.
std::string event_data(const event_record& record);

/// How a stream begins: after how long a reader comes back, and where this one is.
std::string events_begin(const event_place& place);

/// What is not kept any more was missed: everything has to be loaded anew, and the stream goes on
/// from `place`.
std::string events_reset(const event_place& place);

/// The events of a page; a comment where there are none.
std::string events_text(const event_page& page);

} // namespace xprober::web
