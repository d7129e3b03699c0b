#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "xprober/probes/presenter_table.hpp"
#include "xprober/web/common_routes.hpp"

namespace xprober::web {

/// What `/probe` needs.
struct probe_handles {
  prober_actor prober;
  presenter_table presenters;
  /// A module's configuration as text for people, without its secrets.
  std::function<std::string(const module_config&)> module_text;
};

/// What a probe may take of the scrape's timeout, which is given in seconds: 0.5 s are left for the
/// way back, as blackbox_exporter does, but no more than a half of it. 119.5 s without a timeout
/// ("" or "0"). Nothing for what is not a number of seconds.
std::optional<nanoseconds> scrape_time_limit(std::string_view timeout_seconds);

/// `/probe?target=…&module=…&hostname=…&debug=true`, as blackbox_exporter 0.23 answers it. A probe
/// that fails is answered with 200 and `probe_success` 0; one that this agent could not make
/// (overload, no socket, shutdown) with 503, that it may not make with 403; without a target, with
/// an unknown module or a wrong parameter with 400; where `/probe` is switched off with 404.
void add_probe_route(net::router& routes, const common_handles& handles, probe_handles probing);

} // namespace xprober::web
