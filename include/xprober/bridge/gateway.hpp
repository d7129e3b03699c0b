#pragma once

#include <functional>
#include <memory>

#include <caf/all.hpp>

#include "xprober/actors/actors.hpp"

namespace xprober::bridge {

/// What the gateway does for one question: it runs on the gateway's thread and sends the request.
struct gateway_job {
  std::shared_ptr<const std::function<void(caf::event_based_actor*)>> run;
};

/// Asks other actors for sessions, which are no actors themselves: see ask.hpp.
/// Owns nothing. Sessions send it jobs. Each answer goes back to the session's executor, and a job
/// that the gateway cannot finish (it ends, or has ended) answers with an error.
struct gateway_state {
  static constexpr const char* name = "gateway";
};

/// The behaviour: `system.spawn(xprober::bridge::gateway, stats)`. `stats` may be null.
caf::behavior gateway(caf::stateful_actor<gateway_state>* self, stats_actor stats);

} // namespace xprober::bridge

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(xprober::bridge::gateway_job)
