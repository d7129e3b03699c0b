#pragma once

#include "xprober/notify/json.hpp"
#include "xprober/verdict/incident.hpp"

namespace xprober::notify {

/// An incident with all that `/api/v1/incidents` has of it. Times are seconds since 1970, null
/// where there is none; `labels` is an object; `timeline` is empty where the incident comes without
/// it, as it does from the queue.
json incident_json(const incident& what);

} // namespace xprober::notify
