#pragma once

#include <chrono>
#include <memory>

#include "xprober/actors/actors.hpp"
#include "xprober/net/router.hpp"

namespace xprober::web {

/// What the endpoints need that ask agents.
struct question_handles {
  caf::actor gateway;
  store_actor store;
  registry_actor registry;
  target_pool_actor pool; ///< null: no agent can be asked
  std::chrono::milliseconds patience{5000};
};

/// The longest that a probe may take which is asked for, beside its module's own limit.
inline constexpr std::chrono::seconds longest_asked_probe{30};

/// `POST /api/v1/probe` with `{uid, region}` or `{target, probe_type, region}`, and `local_ip` and
/// `module` where they are wanted: an agent probes a target of this server's now, and the answer is
/// what has come of it. `GET /api/v1/target/{uid}/story?region=…&local_ip=…`: what this server
/// knows of a target as one agent sees it, with what that agent remembers, if it can be asked.
///
/// An agent is asked when it next asks for its targets. One that does not answer in time is
/// answered for with 504, one that cannot be asked or does not want to with 409; who asks too often
/// gets 429.
void add_question_routes(net::router& routes, question_handles handles);

} // namespace xprober::web
