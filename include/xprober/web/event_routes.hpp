#pragma once

#include <cstddef>

#include "xprober/web/common_routes.hpp"

namespace xprober::web {

/// So many readers can follow the events at the same time: each keeps a connection.
inline constexpr std::size_t max_event_readers = 100;

/// `/api/v1/events`: incidents, agents and the states of series as they change, as
/// `text/event-stream`. Ids are `RUN-NUMBER`; a reader who comes back with `Last-Event-ID` (or, as
/// a browser's script cannot set it, the parameter `last_event_id`) gets what it has missed, or the
/// event `reset` where that is not kept any more. A comment comes every 15 s without an event. 404
/// where `events` is null, 503 with `Retry-After` above `max_readers`.
void add_event_route(net::router& routes, const common_handles& handles, events_actor events,
                     std::size_t max_readers = max_event_readers);

} // namespace xprober::web
